import assert from "node:assert/strict";
import { importSource } from "../../../../provider/oci/names/importSource.js";
import * as references from "../../../../provider/oci/names/reference.js";
import { recordedReferences } from "../../../support/recordings/imageReferences.js";
import { vectors } from "../../../support/recordings/importSources.js";

function observe(input: string): object {
  const parsed = references.parseReference(input);
  if (!parsed.ok) return { input, ok: false, error: parsed.error };
  const { reference } = parsed;
  return {
    input,
    ok: true,
    ...reference,
    exact: references.exact(reference),
    withDefaults: references.withDefaults(reference),
    repository: references.repository(reference),
    repositoryName: references.repositoryName(reference),
    nameString: references.nameString(reference),
    mostSpecific: references.mostSpecific(reference),
  };
}

describe("parseReference", () => {
  it("answers like library-go for every recorded text", () => {
    const all = recordedReferences();
    assert.equal(all.length, 900);
    for (const recorded of all) {
      assert.deepEqual(observe(recorded.input), recorded, recorded.input);
    }
  });

  for (const { text, parsed } of vectors) {
    it(`reads ${shorten(text)}`, () => {
      const result = references.parseReference(text);
      if (typeof parsed === "string") {
        assert.deepEqual(result, { ok: false, error: parsed });
        return;
      }
      const [registry, namespace, name, tag, id] = parsed;
      assert.deepEqual(result, { ok: true, reference: { registry, namespace, name, tag, id } });
    });
  }

  const long = 2_000_000;
  const hostile = [
    "a".repeat(long),
    "a-".repeat(long),
    "a/".repeat(long),
    "-".repeat(long),
    "a@".repeat(long),
  ];
  for (const text of [
    ...hostile,
    `a.b/${"a--".repeat(1300)}!`,
    `${"a.".repeat(2000)}!`,
    `a@${"a+".repeat(2000)}`,
  ]) {
    it(`refuses ${text.length} characters beginning with ${text.slice(0, 8)}`, () => {
      assert.equal(references.parseReference(text).ok, false);
      assert.equal(importSource(text).ok, false);
    });
  }

  it("reports upper case in Go's words", () => {
    assert.deepEqual(references.parseReference("foo/\u0130mage"), {
      ok: false,
      error: "repository name must be lowercase",
    });
  });
});

describe("importSource", () => {
  for (const { text, ours } of vectors) {
    it(`${ours === undefined ? "accepts" : "refuses"} ${shorten(text)}`, () => {
      const verdict = importSource(text);
      if (ours === undefined) {
        assert.equal(verdict.ok, true, verdict.ok ? "" : verdict.reason);
        return;
      }
      assert.ok(!verdict.ok);
      assert.match(verdict.reason, ours);
    });
  }

  const hex = "f".repeat(64);
  const warned: readonly (readonly [string, RegExp])[] = [
    ["QUAY.IO/org/app", /tell QUAY\.IO from quay\.io/],
    ["Docker.io/ruby", /tell Docker\.io from docker\.io/],
    ["quay.io:443/a/b", /must have :443 in its key/],
    ["myreg/ns/app:1", /myreg has neither dot nor port, so this is docker\.io\/myreg\/ns\/app/],
    [`sha256:${hex}`, /was a digest meant\?/],
    [`repo:tag@sha256:${hex}`, /the digest decides/],
  ];
  for (const [text, says] of warned) {
    it(`warns about ${shorten(text)}`, () => {
      const verdict = importSource(text);
      assert.ok(verdict.ok);
      assert.equal(verdict.warnings.length, 1);
      assert.match(verdict.warnings[0] ?? "", says);
    });
  }

  it("warns about no ordinary reference", () => {
    const verdict = importSource("quay.io/org/app:v1");
    assert.deepEqual(verdict, {
      ok: true,
      reference: { registry: "quay.io", namespace: "org", name: "app", tag: "v1", id: "" },
      warnings: [],
    });
  });
});

describe("registryHost", () => {
  const hosts: readonly (readonly [string, string])[] = [
    ["ruby", "docker.io"],
    ["library/ruby", "docker.io"],
    ["index.docker.io/ruby", "docker.io"],
    ["registry-1.docker.io/ruby", "registry-1.docker.io"],
    ["quay.io:8443/a/b", "quay.io:8443"],
    ["localhost/a", "localhost"],
  ];
  for (const [text, host] of hosts) {
    it(`of ${text} is ${host}`, () => {
      const parsed = references.parseReference(text);
      assert.ok(parsed.ok);
      assert.equal(references.registryHost(parsed.reference), host);
    });
  }
});

function shorten(text: string): string {
  const shown = JSON.stringify(text);
  return shown.length > 70 ? `${shown.slice(0, 60)}... (${text.length})` : shown;
}
