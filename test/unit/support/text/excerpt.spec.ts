import assert from "node:assert/strict";
import { createKnownSecrets } from "../../../../provider/lifecycle/knownSecrets.js";
import { excerpt, redactExcerptsWith } from "../../../../provider/support/text/excerpt.js";
import { createRedactor } from "../../../../provider/support/text/redact.js";

describe("excerpt", () => {
  afterEach(() => redactExcerptsWith((text) => text));

  it("is one line without control characters, whatever a server sends", () => {
    assert.equal(excerpt(" one\r\n\n\u001b[31mtwo\u0007\u202e three\t"), "one [31mtwo ⟨U+202E⟩ three");
  });

  it("is the same where the process knows secrets", () => {
    redactExcerptsWith(createKnownSecrets({ OKD_TOKEN: "hunter2-of-ann" }).withoutSecrets);
    assert.equal(excerpt("one\u001b[31mtwo hunter2-of-ann"), "one [31mtwo [secret]");
  });

  it("shows that the text continues", () => {
    assert.equal(excerpt("abcdef", 6), "abcdef");
    assert.equal(excerpt("abcdefg", 6), "abcde…");
  });

  it("has no secret where it is cut", () => {
    const secret = "hunter2-of-ann";
    redactExcerptsWith(createRedactor([secret]));
    for (let before = 0; before < 40; before += 1) {
      const text = excerpt(`${"x".repeat(before)} ${secret} and so on`, 30);
      assert.ok(!text.includes("hun") || text.includes("[secret"), text);
      assert.ok(!/h(?:unter)/.test(text), text);
    }
  });

  it("has no secret at the end of what is read of a very long text", () => {
    const secret = "hunter2-of-ann";
    redactExcerptsWith(createRedactor([secret]));
    for (let before = 65_515; before < 65_540; before += 1) {
      assert.doesNotMatch(excerpt(`${" ".repeat(before)}${secret} and so on`), /hunt/);
    }
  });
});
