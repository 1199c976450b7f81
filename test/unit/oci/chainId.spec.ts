import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chainId } from "../../../provider/oci/chainId.js";

const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const [a, b, c] = [sha256("a"), sha256("b"), sha256("c")] as const;

describe("chainId", () => {
  it("of one layer is its own digest", () => assert.equal(chainId([a]), a));
  it("goes on from the layers below", () => {
    assert.equal(chainId([a, b]), sha256(`${a} ${b}`));
    assert.equal(chainId([a, b, c]), sha256(`${sha256(`${a} ${b}`)} ${c}`));
  });
  it("tells the order", () => assert.notEqual(chainId([a, b]), chainId([b, a])));
  it("of nothing is nothing", () => assert.equal(chainId([]), undefined));
});
