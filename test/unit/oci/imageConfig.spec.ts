import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chainId } from "../../../provider/oci/imageConfig.js";

const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const [a, b, c] = [sha256("a"), sha256("b"), sha256("c")] as const;

describe("chainId", () => {
  it("of one layer is the layer's own digest", () => assert.equal(chainId([a]), a));
  it("depends on the layers below", () => {
    assert.equal(chainId([a, b]), sha256(`${a} ${b}`));
    assert.equal(chainId([a, b, c]), sha256(`${sha256(`${a} ${b}`)} ${c}`));
  });
  it("depends on the order", () => assert.notEqual(chainId([a, b]), chainId([b, a])));
  it("of no layers is none", () => assert.equal(chainId([]), undefined));
});
