import assert from "node:assert/strict";
import { createRedactor } from "../../../../provider/support/text/redact.js";

const secret = 'p@ss/w+rd "ü" 100%';
const base64 = (text: string) => Buffer.from(text, "utf8").toString("base64");

describe("createRedactor", () => {
  const redact = createRedactor([secret, "sha256~AbCdEf", "abc"]);
  const hidden: readonly (readonly [string, string])[] = [
    ["as it is", `token ${secret}!`],
    ["URL-encoded", `https://x/?p=${encodeURIComponent(secret)}`],
    [
      "URL-encoded in lower case",
      `https://x/?p=${encodeURIComponent(secret).replaceAll(/%../g, (e) => e.toLowerCase())}`,
    ],
    ["as a form field", new URLSearchParams({ p: secret }).toString()],
    ["as a JSON string", JSON.stringify({ p: secret })],
    ["as JSON in JSON", JSON.stringify(JSON.stringify({ p: secret }))],
    ["in base64", `data: ${base64(secret)}`],
    ["in base64url", `data: ${Buffer.from(secret).toString("base64url")}`],
    [
      "in base64 at any place of a group",
      ["", "a", "ab", "abc"].map((prefix) => base64(prefix + secret)).join(" "),
    ],
    ["as Basic authentication", `Authorization: Basic ${base64(`ann:${secret}`)}`],
    ["as Basic authentication of a longer name", `Authorization: Basic ${base64(`robot$ci:${secret}`)}`],
  ];
  for (const [name, text] of hidden) {
    it(`hides a secret ${name}`, () => {
      const redacted = redact(text);
      assert.match(redacted, /\[secret\]/);
      assert.ok(!redacted.includes(secret));
      assert.ok(!redacted.includes(base64(secret).slice(4, -4)));
      assert.ok(!redacted.includes("w+rd") && !redacted.includes("w%2Brd"));
    });
  }

  it("keeps what stands around a secret", () => {
    assert.equal(redact(`a sha256~AbCdEf, b`), "a [secret], b");
  });

  it("keeps secrets of less than four characters", () => {
    assert.equal(redact("abc alphabet abc"), "abc alphabet abc");
  });

  it("prefers the longer of two secrets", () => {
    assert.equal(createRedactor(["abcd", "abcdefgh"])("abcdefgh abcd"), "[secret] [secret]");
  });

  it("hides single lines of a key", () => {
    const line = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg";
    const key = `-----BEGIN PRIVATE KEY-----\n${line}\n-----END PRIVATE KEY-----\n`;
    assert.equal(createRedactor([key])(`bad line ${line}`), "bad line [secret]");
  });

  it("hides lines of a key that has lost its first and last one", () => {
    const line = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg";
    assert.equal(
      createRedactor([`${line}\n${line.toLowerCase()}\n`])(`bad line ${line}`),
      "bad line [secret]",
    );
  });

  const long = "sha256~Zx81_kQpLw7Ru2Vn4Tb6Ym9Hc3Jd5Gf0SaEoIiUuXxQ";
  for (const [name, given, text] of [
    ["that was cut", long, `token ${long.slice(0, 20)}…`],
    ["that was cut in base64", long, `Basic ${base64(`ann:${long}`).slice(0, 40)}`],
    ["that is decoded from its base64", base64(long), `token ${long}!`],
    ["that is the password in a login in base64", base64(`ann:${long}`), `password ${long}!`],
    ["that is decoded from its URL form", encodeURIComponent(secret), `password ${secret}!`],
    ["as HTML", secret + "<&>", `<p>p@ss/w+rd &#34;ü&#34; 100%&lt;&amp;&gt;</p>`],
    ["as JSON without other letters", secret, '"p@ss/w+rd \\"\\u00fc\\" 100%"'],
  ] as const) {
    it(`hides a secret ${name}`, () => {
      const redacted = createRedactor([given])(text);
      assert.match(redacted, /\[secret\]/);
      for (const part of ["Zx81", "Yngx", "w+rd"]) assert.ok(!redacted.includes(part), redacted);
    });
  }

  it("keeps other names that begin like a secret one", () => {
    const names = createRedactor(["registry.example.com/acme/web:v1"]);
    assert.equal(names("registry.example.com/acme/api"), "registry.example.com/acme/api");
  });

  it("does nothing without secrets", () => {
    assert.equal(createRedactor(["", "x"])("x y"), "x y");
  });

  it("is fast on long texts that nearly match", () => {
    const nearly = "sha256~AbCdE".repeat(100_000);
    assert.equal(redact(nearly), nearly);
    const encoded = base64("a").repeat(200_000);
    assert.equal(redact(encoded).length, encoded.length);
  });
});
