import assert from "node:assert/strict";
import { engineReference, lookupName, pathOf } from "../../../provider/containerEngine/reference.js";

const digest = `sha256:${"a".repeat(64)}`;

describe("engineReference", () => {
  for (const [text, name] of [
    ["web", "web:latest"],
    ["acme/web", "acme/web:latest"],
    ["acme/web:v1", "acme/web:v1"],
    ["host:5000/acme/web", "host:5000/acme/web:latest"],
    ["foo.bar", "foo.bar:latest"],
    ["cafe", "cafe:latest"],
    [`acme/web@${digest}`, `acme/web@${digest}`],
    [`host:5000/web:v1@${digest}`, `host:5000/web@${digest}`],
  ] as const) {
    it(`reads ${text} as ${name}`, () => {
      assert.deepEqual(engineReference(text), { kind: "name", name });
    });
  }

  for (const text of [digest, "a".repeat(64)]) {
    it(`reads ${text.slice(0, 12)}... as an ID`, () => {
      assert.deepEqual(engineReference(text), { kind: "id", id: digest });
    });
  }

  it("leaves open whether hexadecimal digits are an ID or a name", () => {
    const text = "abcdef012345";
    assert.deepEqual(engineReference(text), { kind: "idOrName", text, digits: text, name: `${text}:latest` });
    const tagged = "sha256:abcdef";
    assert.deepEqual(engineReference(tagged), {
      kind: "idOrName",
      text: tagged,
      digits: "abcdef",
      name: tagged,
    });
    assert.equal(lookupName(engineReference(text)), text);
  });

  for (const text of ["", "acme/Web", "acme//web", "web@sha256:12", "../etc/passwd", "web?x=1"]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => engineReference(text), /ARGUMENT_INVALID/);
    });
  }

  it("keeps slashes, colons and the @ of a digest in paths", () => {
    assert.equal(pathOf(`host:5000/acme/web@${digest}`), `host:5000/acme/web@${digest}`);
    assert.equal(pathOf("a b"), "a%20b");
  });
});
