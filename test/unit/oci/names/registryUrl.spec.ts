import assert from "node:assert/strict";
import fc from "fast-check";
import { parseRegistryUrl } from "../../../../provider/oci/names/registryUrl.js";

describe("parseRegistryUrl", () => {
  const addresses: readonly (readonly [text: string, scheme: string | undefined, host: string])[] = [
    ["registry.example.com", undefined, "registry.example.com"],
    ["registry.example.com:5000", undefined, "registry.example.com:5000"],
    ["https://Registry.example.com", "https", "registry.example.com"],
    ["HTTP://127.0.0.1:5000", "http", "127.0.0.1:5000"],
    ["http://[::1]:5000", "http", "[::1]:5000"],
    ["localhost:5000", undefined, "localhost:5000"],
    ["https://registry.example.com/", "https", "registry.example.com"],
  ];
  for (const [text, scheme, host] of addresses) {
    it(`reads ${text}`, () => {
      assert.deepEqual(parseRegistryUrl(text), { ok: true, url: { host, scheme } });
    });
  }

  const mistakes: readonly (readonly [text: string, says: RegExp])[] = [
    ["", /names no host/],
    ["https://", /names no host/],
    ["https:///", /names no host/],
    ["ftp://registry.example.com", /"ftp" is not a way to reach a registry/],
    ["registry.example.com/shop", /must not have a path/],
    ["https://registry.example.com//", /must not have a path/],
    ["registry.example.com?x=1", /must not have a query/],
    ["registry.example.com#x", /must not have a query/],
    ["https://ann:s3cret@registry.example.com", /must not contain user and password/],
    ["registry.example.com:0", /is not a host/],
    ["registry.example.com:65536", /is not a host/],
    ["registry.example.com:", /is not a host/],
    ["::1", /is not a host/],
    ["[::1", /is not a host/],
    ["[1.2]:5000", /is not a host/],
    ["1.2.3.999", /is not a host/],
    [" registry.example.com", /is not a host/],
    ["registry.example.com\nx", /is not a host/],
    ["-a.example.com", /is not a host/],
  ];
  for (const [text, says] of mistakes) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      const verdict = parseRegistryUrl(text);
      assert.ok(!verdict.ok);
      assert.match(verdict.reason, says);
      assert.match(verdict.reason, /write \[http\(s\):\/\/\]host\[:port\]/);
      assert.doesNotMatch(verdict.reason, /s3cret/);
    });
  }

  it("never accepts what would make another URL than scheme and host", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "grapheme-ascii" }), fc.webUrl()), (text) => {
        const verdict = parseRegistryUrl(text);
        if (!verdict.ok) return;
        const url = new URL(`https://${verdict.url.host}`);
        assert.equal(`${url.username}${url.pathname}${url.search}${url.hash}`, "/");
      }),
    );
  });
});
