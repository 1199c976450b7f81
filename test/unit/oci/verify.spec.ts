import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createVerifier, digestOf } from "../../../provider/oci/verify.js";

const [hello, world] = [Buffer.from("hello "), Buffer.from("world")];
const of = (algorithm: string) => `${algorithm}:${createHash(algorithm).update("hello world").digest("hex")}`;

describe("oci/verify", () => {
  it("computes digests of texts and bytes, with the algorithm of another digest", () => {
    assert.equal(digestOf("hello world"), of("sha256"));
    assert.equal(digestOf(Buffer.concat([hello, world]), "sha512:ab"), of("sha512"));
  });

  it("accepts content that comes in pieces when it has its digest, and names the digest of other content", () => {
    for (const algorithm of ["sha256", "sha384", "sha512"]) {
      const [right, wrong] = [createVerifier(of(algorithm)), createVerifier(`${algorithm}:00`)];
      for (const verifier of [right, wrong]) {
        verifier.update(hello);
        verifier.update(world);
      }
      assert.equal(right.otherDigest(), undefined);
      assert.equal(wrong.otherDigest(), of(algorithm));
    }
  });

  it("takes no algorithm that nobody knows", () => {
    assert.throws(() => createVerifier("crc32:00"));
    assert.throws(() => digestOf("", "crc32:00"));
  });
});
