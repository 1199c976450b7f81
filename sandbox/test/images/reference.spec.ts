import assert from "node:assert/strict";
import {
  parseReference,
  repositoryKey,
  writtenRepository,
} from "okd-image-sandbox/internal/images/reference";
import { recordedReferences } from "../../../test/support/recordings/imageReferences.js";

describe("sandbox: image references", () => {
  const vectors = recordedReferences();

  it(`are read as OpenShift reads them (${vectors.length} recorded)`, () => {
    for (const { input, ok, error, registry, namespace, name, tag, id } of vectors) {
      if (!ok) {
        assert.throws(() => parseReference(input), { message: error ?? "" }, JSON.stringify(input));
        continue;
      }
      assert.deepEqual(
        parseReference(input),
        { registry, namespace, name, tag, digest: id },
        JSON.stringify(input),
      );
    }
  });

  const keys = [
    ["nginx:1", "docker.io/library/nginx"],
    ["docker.io/nginx", "docker.io/library/nginx"],
    ["a/b/c:1", "docker.io/a/b/c"],
    ["quay.io/app", "quay.io/app"],
    ["quay.io:8443/a/b/c@sha256:" + "f".repeat(64), "quay.io:8443/a/b/c"],
  ] as const;
  for (const [input, key] of keys) {
    it(`${input} belongs to ${key}`, () => assert.equal(repositoryKey(parseReference(input)), key));
  }

  it("a repository is written as it was given", () => {
    for (const input of ["nginx", "quay.io/a/b/c", "a/b"])
      assert.equal(writtenRepository(parseReference(input)), input);
  });
});
