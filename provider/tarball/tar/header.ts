import { excerpt } from "../../support/text/excerpt.js";

/** The bytes of a tar: POSIX.1-2017 pax, "ustar Interchange Format", and the GNU tar manual, "Basic Tar Format". */

export const blockSize = 512;

/** Characters. */
const maxProblem = 500;

/** The bytes are no tar, or not a whole one; the message is a clause that says where. */
export class TarFormatError extends Error {
  override readonly name = "TarFormatError";

  /** Anybody may have chosen the names in an archive: they may be long, or hold what a terminal obeys. */
  constructor(problem: string, options?: ErrorOptions) {
    super(excerpt(problem, maxProblem), options);
  }
}

export interface TarHeader {
  readonly name: string;
  /** The size field. */
  readonly size: number;
  /** Where a link points to; empty of others. */
  readonly target: string;
  /** The type flag; `0` for regular files, also where older tars write nothing. */
  readonly type: string;
}

/** Links, devices and folders have no content, whatever their size field says. */
export function hasContent(type: string): boolean {
  return !"123456".includes(type);
}

/** @throws TarFormatError the block is no header */
export function decodeHeader(block: Uint8Array, offset: number): TarHeader {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  const where = `at byte ${offset}`;
  if (checksum(bytes) !== numberAt(bytes, 148, 8, where)) throw new TarFormatError(`no tar header ${where}`);
  const flag = bytes[156] ?? 0;
  const type = flag === 0 ? "0" : String.fromCharCode(flag);
  if (type === "S" || type === "M") throw new TarFormatError(`a member of unknown type ${type} ${where}`);
  const size = numberAt(bytes, 124, 12, where);
  const isPosix = bytes.toString("latin1", 257, 263) === "ustar\0";
  const prefix = isPosix ? textAt(bytes, 345, 155) : "";
  const name = textAt(bytes, 0, 100);
  const target = textAt(bytes, 157, 100);
  return { name: prefix === "" ? name : `${prefix}/${name}`, size, target, type };
}

export function isZeroBlock(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** Counts the checksum's own field as blanks. */
function checksum(block: Buffer): number {
  let sum = 8 * 32;
  for (let index = 0; index < blockSize; index += 1) {
    if (index < 148 || index >= 156) sum += block[index] ?? 0;
  }
  return sum;
}

function textAt(block: Buffer, offset: number, length: number): string {
  return cutAtNul(block.toString("utf8", offset, offset + length));
}

/** The text before the first NUL. */
export function cutAtNul(text: string): string {
  const end = text.indexOf("\0");
  return end === -1 ? text : text.slice(0, end);
}

/** Octal digits, or from 0x80 on a binary number, which sizes from 8 GiB need. */
function numberAt(block: Buffer, offset: number, length: number, where: string): number {
  const field = block.subarray(offset, offset + length);
  const first = field[0] ?? 0;
  if (first < 0x80) {
    const digits = field.toString("latin1").replace(/\0.*$/s, "").trim();
    if (/^[0-7]*$/.test(digits)) return digits === "" ? 0 : parseInt(digits, 8);
    throw new TarFormatError(`no tar header ${where}`);
  }
  const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, first & 0x7f);
  if (!Number.isSafeInteger(value)) throw new TarFormatError(`an impossible size ${where}`);
  return value;
}

/** The records `length key=value` of a pax header; the last of a key wins. */
export function decodePax(content: Uint8Array): ReadonlyMap<string, string> {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const records = new Map<string, string>();
  let position = 0;
  while (position < bytes.length) {
    const blank = bytes.indexOf(" ", position);
    const digits = blank === -1 ? "" : bytes.toString("latin1", position, blank);
    const end = position + Number(digits);
    const equals = bytes.indexOf("=", blank);
    const isRecord =
      /^[1-9]\d{0,8}$/.test(digits) &&
      end <= bytes.length &&
      bytes[end - 1] === 0x0a &&
      equals > blank &&
      equals < end;
    if (!isRecord) throw new TarFormatError("a broken pax header");
    records.set(bytes.toString("utf8", blank + 1, equals), bytes.toString("utf8", equals + 1, end - 1));
    position = end;
  }
  return records;
}
