import assert from "node:assert/strict";
import {
  parseReference,
  repositoryKey,
  writtenRepository,
} from "okd-image-sandbox/internal/images/reference";
import { recordedReferences } from "../../../test/support/recordings/imageReferences.js";

describe("image references", () => {
  const vectors = recordedReferences();

  it(`OpenShift's parts and errors are reproduced for ${vectors.length} recorded references`, () => {
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
    it(`${input} names the repository ${key}`, () => assert.equal(repositoryKey(parseReference(input)), key));
  }

  it("a repository keeps the spelling that its reference has", () => {
    for (const input of ["nginx", "quay.io/a/b/c", "a/b"])
      assert.equal(writtenRepository(parseReference(input)), input);
  });
});
