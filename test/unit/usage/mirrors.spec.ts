import assert from "node:assert/strict";
import { createMirrors, toMirrorRules } from "../../../provider/usage/mirrors.js";

const registry = "image-registry.openshift-image-registry.svc:5000";

describe("toMirrorRules", () => {
  it("reads ImageDigestMirrorSets, ImageTagMirrorSets, ImageContentSourcePolicies and ImageContentPolicies", () => {
    const rule = (source: string) => ({ source, mirrors: [`${registry}/mirror/${source}`] });
    const sets = [
      { kind: "ImageDigestMirrorSet", spec: { imageDigestMirrors: [rule("a"), rule("b")] } },
      {
        kind: "ImageTagMirrorSet",
        spec: { imageTagMirrors: [{ ...rule("c"), mirrorSourcePolicy: "NeverContactSource" }] },
      },
      { kind: "ImageContentSourcePolicy", spec: { repositoryDigestMirrors: [rule("d")] } },
      { kind: "ImageContentPolicy", spec: { repositoryDigestMirrors: [rule("e")] } },
    ];
    assert.deepEqual(sets.flatMap(toMirrorRules), ["a", "b", "c", "d", "e"].map(rule));
  });

  it("passes over what is no rule", () => {
    for (const rules of [
      null,
      7,
      [null],
      [{ source: "a" }],
      [{ mirrors: ["a"] }],
      [{ source: 1, mirrors: [2] }],
    ]) {
      assert.deepEqual(toMirrorRules({ spec: { imageDigestMirrors: rules } }), []);
    }
  });
});

describe("alternativesOf", () => {
  const alternatives = (
    pullSpec: string,
    ...rules: readonly (readonly [source: string, ...mirrors: string[]])[]
  ) => createMirrors(rules.map(([source, ...mirrors]) => ({ source, mirrors }))).alternativesOf(pullSpec);

  const rows: readonly (readonly [
    what: string,
    pullSpec: string,
    rules: readonly (readonly [source: string, ...mirrors: string[]])[],
    expected: readonly string[],
  ])[] = [
    ["no rules", "quay.io/org/app:v1", [], []],
    [
      "a mirrored repository",
      "quay.io/org/app:v1",
      [["quay.io/org/app", `${registry}/mirror/app`]],
      [`${registry}/mirror/app:v1`],
    ],
    [
      "no tag",
      "quay.io/org/app",
      [["quay.io/org/app", `${registry}/mirror/app`]],
      [`${registry}/mirror/app`],
    ],
    ["the tag that is not known", "quay.io/a/b:*", [["quay.io/a", "m.io/c"]], ["m.io/c/b:*"]],
    [
      "a mirrored organisation",
      "quay.io/org/app:v1",
      [["quay.io/org", `${registry}/mirror`]],
      [`${registry}/mirror/app:v1`],
    ],
    ["a mirrored host", "quay.io/org/app:v1", [["quay.io", "m.io/quay"]], ["m.io/quay/org/app:v1"]],
    [
      "a host with its port",
      "quay.io:8443/org/app:v1",
      [["quay.io:8443", "m.io/quay"]],
      ["m.io/quay/org/app:v1"],
    ],
    ["another port", "quay.io:8443/org/app:v1", [["quay.io", "m.io/quay"]], []],
    ["a host in capitals", "Quay.IO/org/app:v1", [["quay.io/org", "m.io/x"]], ["m.io/x/app:v1"]],
    ["a part of the path that only begins alike", "quay.io/org2/app:v1", [["quay.io/org", "m.io/x"]], []],
    ["a repository that only begins alike", "quay.io/org/app2:v1", [["quay.io/org/app", "m.io/x"]], []],
    ["a slash at the end of a rule", "quay.io/org/app:v1", [["quay.io/org/", "m.io/x/"]], ["m.io/x/app:v1"]],
    ["several mirrors", "quay.io/a/b:1", [["quay.io/a", "m.io/x", "n.io/y"]], ["m.io/x/b:1", "n.io/y/b:1"]],
    [
      "rules of several lengths",
      "quay.io/a/b:1",
      [
        ["quay.io", "m.io"],
        ["quay.io/a/b", "n.io/c/d"],
      ],
      ["m.io/a/b:1", "n.io/c/d:1"],
    ],
    ["a wildcard", "eu.quay.example/a/b:1", [["*.quay.example", "m.io/x"]], ["m.io/x/a/b:1"]],
    [
      "a wildcard over several labels",
      "a.b.quay.example:5000/a/b:1",
      [["*.quay.example", "m.io"]],
      ["m.io/a/b:1"],
    ],
    ["a wildcard and the domain itself", "quay.example/a/b:1", [["*.quay.example", "m.io/x"]], []],
    [
      "a mirror of a mirror",
      "a.io/x/y:1",
      [
        ["a.io", "b.io"],
        ["b.io/x", "c.io/z"],
      ],
      ["b.io/x/y:1", "c.io/z/y:1"],
    ],
    [
      "mirrors in a circle",
      "a.io/x/y:1",
      [
        ["a.io", "b.io"],
        ["b.io", "a.io"],
      ],
      ["b.io/x/y:1"],
    ],
    ["the source of a mirror", "m.io/x/app:v1", [["quay.io/org", "m.io/x"]], ["quay.io/org/app:v1"]],
    [
      "the source of a wildcard's mirror",
      "m.io/x/a/b:1",
      [["*.quay.example", "m.io/x"]],
      ["quay.example/a/b:1"],
    ],
    ["Docker Hub's short names", "nginx:1", [["docker.io/library", "m.io/hub"]], ["m.io/hub/nginx:1"]],
    ["Docker Hub without its host", "org/app:1", [["docker.io/org", "m.io/hub"]], ["m.io/hub/app:1"]],
    [
      "Docker Hub's other name",
      "index.docker.io/org/app:1",
      [["docker.io/org", "m.io/hub"]],
      ["m.io/hub/app:1"],
    ],
    ["a digest", `quay.io/org/app@sha256:${"a".repeat(64)}`, [["quay.io", "m.io"]], []],
    ["no text", " ", [["quay.io", "m.io"]], []],
  ];
  for (const [what, pullSpec, rules, expected] of rows) {
    it(`finds for ${what}`, () => assert.deepEqual(alternatives(pullSpec, ...rules), expected));
  }

  it("finds a source of a source for a name of the last mirror of a chain", () => {
    const rules = [
      { source: `${registry}/shop`, mirrors: ["near.example/shop"] },
      { source: "near.example/shop", mirrors: ["far.example/shop"] },
    ];
    assert.deepEqual(createMirrors(rules).alternativesOf("far.example/shop/web:v1"), [
      "near.example/shop/web:v1",
      `${registry}/shop/web:v1`,
    ]);
  });

  it("ends, whatever the rules are", () => {
    const growing = Array.from({ length: 300 }, (_, at) => [`a.io`, `a.io/${at}`] as const);
    assert.ok(alternatives("a.io/x:1", ...growing).length <= 1000);
    assert.deepEqual(alternatives("/".repeat(100_000), ["a.io/b", "c.io"]), []);
    assert.deepEqual(alternatives(`${"a.".repeat(100_000)}io/b`, ["*.io", "c.io"]).length, 0);
  });
});
