import { gunzipSync } from "node:zlib";
import { percentDecoded } from "../../support/text/spelling.js";

/** Times its packed length: no text packs better, and a tenant may write many bombs into one object. */
const maxRatio = 20;
/** Bytes, for the shortest. */
const minUnpacked = 4096;

/** The text in a `data:` URL, as the files of machine configuration have it; undefined for everything else. */
export function textInDataUrl(text: string): string | undefined {
  if (!text.startsWith("data:")) return undefined;
  const comma = text.indexOf(",");
  if (comma === -1) return undefined;
  const content = text.slice(comma + 1);
  if (!text.slice(0, comma).toLowerCase().endsWith(";base64")) return percentDecoded(content);
  const bytes = Buffer.from(content.includes("%") ? percentDecoded(content) : content, "base64");
  return (isGzip(bytes) ? unpacked(bytes) : bytes).toString("utf8");
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function unpacked(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: minUnpacked + maxRatio * bytes.length });
  } catch {
    return bytes;
  }
}
