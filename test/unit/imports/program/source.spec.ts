import assert from "node:assert/strict";
import { format } from "prettier";
import { declarationOf } from "../../../../provider/imports/program/declaration.js";
import { programSource } from "../../../../provider/imports/program/source.js";
import type { ImageStream } from "../../../../provider/okd/imageStream.js";
import { programOf, runGenerated } from "../../../support/builders/generatedProgram.js";
import { claim, digest, failedTag, imageStream, liveTag } from "../../../support/builders/imageStream.js";

function body(source: string): string {
  return source.replace('import * as okd from "pulumi-okd-images";\n', "").trim();
}

function named(
  name: string,
  stream = imageStream([liveTag("v1", digest("a"))]),
  namespace = "shop",
): ImageStream {
  return { ...stream, metadata: { ...stream.metadata, name, namespace } };
}

function specTags(...tags: readonly object[]): ImageStream {
  return { ...imageStream([]), spec: { tags: tags as NonNullable<ImageStream["spec"]["tags"]> } };
}

const docker = (name: string) => ({ from: { kind: "DockerImage", name } });

describe("A generated program", () => {
  it("declares a stream with its tags and takes it over", () => {
    assert.equal(
      body(programOf([imageStream([liveTag("v2", digest("b")), liveTag("v1", digest("a"))])])),
      `const web = new okd.ImportedImageStream("web", {
  namespace: "shop",
  name: "web",
  tags: { v1: "quay.io/acme/web:v1", v2: "quay.io/acme/web:v2" },
  adopt: true, // only for the first up
});`,
    );
  });

  it("says once what all tags share, and beside a tag what is its own", () => {
    const stream = imageStream([
      liveTag("v1", digest("a"), { referencePolicy: { type: "Local" }, importPolicy: { insecure: true } }),
      liveTag("v2", digest("b"), {
        referencePolicy: { type: "Local" },
        importPolicy: { insecure: true, scheduled: true, importMode: "PreserveOriginal" },
        annotations: { description: "the newest", "a.b/c": "" },
      }),
    ]);

    assert.equal(
      body(programOf([stream])),
      `const web = new okd.ImportedImageStream("web", {
  namespace: "shop",
  name: "web",
  tags: {
    v1: "quay.io/acme/web:v1",
    v2: {
      image: "quay.io/acme/web:v2",
      scheduled: true,
      importMode: "PreserveOriginal",
      annotations: { "a.b/c": "", description: "the newest" },
    },
  },
  insecure: true,
  referencePolicy: "Local",
  adopt: true, // only for the first up
});`,
    );
  });

  it("does not let a digest, which is never scheduled, keep the others from sharing that they are", () => {
    const pinned = `quay.io/acme/web@${digest("a")}`;
    const scheduled = { importPolicy: { scheduled: true } };
    const [web] = runGenerated(
      programOf([
        specTags(
          { name: "fixed", ...docker(pinned) },
          { name: "v1", ...docker("quay.io/acme/web:v1"), ...scheduled },
          { name: "v2", ...docker("quay.io/acme/web:v2"), ...scheduled },
        ),
      ]),
    );

    assert.deepEqual(web?.args["scheduled"], true);
    assert.deepEqual(web.args["tags"], {
      fixed: pinned,
      v1: "quay.io/acme/web:v1",
      v2: "quay.io/acme/web:v2",
    });
  });

  it("declares labels, annotations and the look-up, without what servers, tools and this package note there", () => {
    const stream = imageStream([liveTag("v1", digest("a"))], {
      labels: { team: "web", "argocd.argoproj.io/instance": "shop" },
      annotations: {
        "openshift.io/display-name": `The shop's "web" \${server}`,
        "openshift.io/image.dockerRepositoryCheck": "2026-01-01T00:00:00Z",
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
        "meta.helm.sh/release-name": "shop",
        description: "two\nlines",
      },
    });
    const [web] = runGenerated(
      programOf([{ ...stream, spec: { ...stream.spec, lookupPolicy: { local: true } } }]),
    );

    assert.deepEqual(web?.args, {
      namespace: "shop",
      name: "web",
      tags: { v1: "quay.io/acme/web:v1" },
      labels: { team: "web" },
      annotations: { description: "two\nlines", "openshift.io/display-name": `The shop's "web" \${server}` },
      lookupLocal: true,
      adopt: true,
    });
  });

  const pushed = { tag: "built", items: imageStream([liveTag("x", digest("c"))]).status!.tags![0]!.items! };

  it("names pushed tags in a comment, and declares none of them", () => {
    const live = imageStream([liveTag("v1", digest("a")), { spec: undefined, status: pushed }]);

    const source = programOf([live]);

    assert.match(source, /^\/\/ shop\/web:\n\/\/ Not declared, because they are pushed: built\.\nconst web/m);
    assert.deepEqual(runGenerated(source)[0]?.args["tags"], { v1: "quay.io/acme/web:v1" });
  });

  it("leaves a stream without anything to declare as a comment", () => {
    const source = programOf([imageStream([{ spec: undefined, status: pushed }]), named("api")]);

    assert.deepEqual(
      runGenerated(source).map(({ name }) => name),
      ["api"],
    );
    assert.match(
      source,
      /^\/\/ shop\/web: there is nothing to declare\.\n\/\/ Not declared, .*: built\.\n\nconst api/m,
    );
  });

  it("leaves out, with the reason, what a check would refuse, and what others own", () => {
    const tags = specTags(
      { name: "bad/name", ...docker("quay.io/acme/web:v1") },
      { name: "shouted", ...docker("quay.io/ACME/web:v1") },
      { name: "empty" },
      { name: "odd", from: { kind: "Secret", name: "x" } },
      { name: "v1", ...docker("quay.io/acme/web:v1") },
      { name: "v2", ...docker("quay.io/acme/web:v2") },
    );
    const stream = { ...tags, metadata: imageStream([], { claims: [claim("1", ["v2"])] }).metadata };

    const source = programOf([stream]);

    assert.deepEqual(runGenerated(source)[0]?.args["tags"], { v1: "quay.io/acme/web:v1" });
    for (const line of [
      /the tag bad\/name cannot be declared: is not a valid tag name/,
      /the tag shouted cannot be declared: /,
      /the tag empty has no source; it is pushed to/,
      /the tag odd has a source of kind Secret/,
      /the tag v2 belongs to urn:1 already/,
    ]) {
      assert.match(source, new RegExp(`^// Not declared: ${line.source}.*$`, "m"));
    }
  });

  it("keeps a tag whose last import failed", () => {
    assert.deepEqual(
      runGenerated(programOf([imageStream([failedTag("v1", "no such image")])]))[0]?.args["tags"],
      { v1: "quay.io/acme/web:v1" },
    );
  });

  const managers: readonly (readonly [metadata: object, manager: string])[] = [
    [{ ownerReferences: [{ kind: "Deployment", name: "web" }] }, "its owner Deployment web"],
    [{ annotations: { "argocd.argoproj.io/tracking-id": "shop:image.openshift.io/x" } }, "Argo CD shop"],
    [{ labels: { "kustomize.toolkit.fluxcd.io/name": "apps" } }, "the Flux Kustomization apps"],
    [{ annotations: { "meta.helm.sh/release-name": "shop" } }, "the Helm release shop"],
    [{ labels: { "samples.operator.openshift.io/managed": "true" } }, "the samples operator"],
    [
      { managedFields: [{ manager: "argocd-controller", fieldsV1: { "f:spec": { "f:tags": {} } } }] },
      "the field manager argocd-controller",
    ],
  ];
  for (const [metadata, manager] of managers) {
    it(`says above the stream that ${manager} manages it`, () => {
      const stream = imageStream([liveTag("v1", digest("a"))]);
      const managed = { ...stream, metadata: { ...stream.metadata, ...metadata } };

      assert.match(
        programOf([managed]),
        new RegExp(`^// Managed by ${manager}, which may write it again`, "m"),
      );
    });
  }

  it("says of no manager where a person wrote the tags, or a controller something else", () => {
    const stream = imageStream([liveTag("v1", digest("a"))]);
    const managedFields = [
      { manager: "kubectl-client-side-apply", fieldsV1: { "f:spec": { "f:tags": {} } } },
      { manager: "argocd-controller", fieldsV1: { "f:metadata": { "f:labels": {} } } },
    ];
    const metadata = { ...stream.metadata, managedFields };

    assert.doesNotMatch(programOf([{ ...stream, metadata }]), /Managed by/);
  });

  it("gives every stream a constant of its own, whatever it is called", () => {
    const names = [
      "web",
      "my-app.web",
      "my.app-web",
      "default",
      "3scale",
      "okd",
      "constructor",
      "web2",
      "my-app.web2",
      "exports",
    ];
    const source = programOf([...names.map((name) => named(name)), named("web", undefined, "prod")]);
    const constants = [...source.matchAll(/^const (\S+) =/gm)].map(([, name]) => name);

    assert.deepEqual(constants, [
      ...["shopWeb", "shopMyAppWeb", "shopMyAppWeb2", "shopDefault", "shop3scale", "shopOkd"],
      ...["shopConstructor", "shopWeb2", "shopMyAppWeb22", "shopExports", "prodWeb"],
    ]);
    assert.deepEqual(
      [...programOf(names.map((name) => named(name))).matchAll(/^const (\S+) =/gm)].map(([, name]) => name),
      [
        "web",
        "myAppWeb",
        "myAppWeb2",
        "default2",
        "stream3scale",
        "okd2",
        "constructor",
        "web2",
        "myAppWeb22",
        "exports2",
      ],
    );
    assert.equal(new Set(runGenerated(source).map(({ name }) => name)).size, names.length + 1);
  });

  it("connects every resource as the command was told to", () => {
    const declarations = [declarationOf(named("web"), { withPushed: false })];
    const connection = { kubeconfig: "/home/me/it's", context: "prod" };
    const source = programSource(declarations, { comments: ["One\nprocess.exit(1)"], connection });

    assert.deepEqual(runGenerated(source)[0]?.args["connection"], connection);
    assert.match(source, /^\/\/ One⟨U\+000A⟩process\.exit\(1\)\n/);
  });

  it("is formatted as prettier does, however long its names are", async () => {
    for (const length of [3, 18, 19, 20, 21, 38, 42, 43, 44, 46, 47, 50, 90]) {
      const name = "a".repeat(length);
      const declarations = [
        declarationOf(named(name), { withPushed: false }),
        declarationOf(named(`${name}.${name}`), { withPushed: false }),
      ];
      const connection = { context: name };
      const source = programSource(declarations, { comments: ["Here"], connection });

      assert.equal(source, await format(source, { parser: "typescript" }), String(length));
    }
  });
});
