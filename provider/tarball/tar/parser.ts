import {
  blockSize,
  cutAtNul,
  decodeHeader,
  decodePax,
  hasContent,
  isZeroBlock,
  TarFormatError,
} from "./header.js";

export interface TarEntry {
  /** Without `./` at its start. */
  readonly name: string;
  readonly kind: "file" | "link" | "symlink" | "directory" | "other";
  /** Bytes. */
  readonly size: number;
  /** Where its content begins in the tar. */
  readonly offset: number;
  /** A link's target, empty for other types; always taken for a name in the same archive. */
  readonly target: string;
}

export interface TarVisitor {
  /** Whether the content of this file is to be read; bigger ones than `maxContent` make the tar unusable. */
  wants(entry: TarEntry): boolean;
  entry(entry: TarEntry, content: Uint8Array | undefined): void;
}

/** What the parser needs next: that many bytes to read, or to pass over. */
export type TarNeed = { readonly kind: "read" | "skip"; readonly bytes: number };

/** Answer every need with its bytes, a skipped one with none. The caller finds a file that ends too early. */
export type TarParser = Generator<TarNeed, void, Uint8Array>;

/** Bytes that are kept of one member; no manifest is nearly as long. */
export const maxContent = 4 * 1024 * 1024;
const maxMembers = 100_000;

interface Overrides {
  readonly name?: string;
  readonly size?: number;
  readonly target?: string;
}

/**
 * Reads a tar from its first header to its two zero blocks, wherever the bytes come from.
 * @throws TarFormatError no tar, not a whole one, or beyond the limits
 */
export function* parseTar(visitor: TarVisitor): TarParser {
  let position = 0;
  let overrides: Overrides = {};
  for (let members = 0; members <= maxMembers; members += 1) {
    const block = yield { kind: "read", bytes: blockSize };
    if (isZeroBlock(block)) {
      yield* readSecondZeroBlock();
      return;
    }
    const header = decodeHeader(block, position);
    const size = hasContent(header.type) ? (overrides.size ?? header.size) : 0;
    const offset = position + blockSize;
    position = offset + paddedSize(size);
    if (!Number.isSafeInteger(position)) throw new TarFormatError(`an impossible size at byte ${offset}`);
    if ("xgLK".includes(header.type)) {
      overrides = { ...overrides, ...(yield* readOverrides(header.type, size)) };
    } else {
      const name = (overrides.name ?? header.name).replace(/^(?:\.\/)+/, "");
      const target = overrides.target ?? header.target;
      overrides = {};
      yield* visit({ name, kind: kindOf(header.type, name), size, offset, target }, visitor);
    }
  }
  throw new TarFormatError(`more than ${maxMembers} members`);
}

function* readSecondZeroBlock(): TarParser {
  if (!isZeroBlock(yield { kind: "read", bytes: blockSize })) {
    throw new TarFormatError("one zero block instead of two");
  }
}

function* visit(entry: TarEntry, visitor: TarVisitor): TarParser {
  if (entry.kind === "file" && visitor.wants(entry)) {
    visitor.entry(entry, yield* readContent(entry.size, entry.name));
    return;
  }
  visitor.entry(entry, undefined);
  if (entry.size > 0) yield { kind: "skip", bytes: paddedSize(entry.size) };
}

function* readContent(size: number, what: string): Generator<TarNeed, Uint8Array, Uint8Array> {
  if (size > maxContent) throw new TarFormatError(`${what} is bigger than ${maxContent} bytes`);
  if (size === 0) return new Uint8Array();
  return (yield { kind: "read", bytes: paddedSize(size) }).subarray(0, size);
}

/** Names and sizes for the next member that do not fit its header. Global headers say nothing about a member's bytes. */
function* readOverrides(type: string, size: number): Generator<TarNeed, Overrides, Uint8Array> {
  const content = yield* readContent(size, "an extended header");
  if (type === "L" || type === "K") {
    const text = cutAtNul(Buffer.from(content).toString("utf8"));
    return type === "L" ? { name: text } : { target: text };
  }
  if (type !== "x") return {};
  const records = decodePax(content);
  const name = records.get("path");
  const target = records.get("linkpath");
  const length = records.get("size");
  if (length !== undefined && !/^\d{1,16}$/.test(length)) throw new TarFormatError("a broken pax header");
  return {
    ...(name === undefined ? {} : { name }),
    ...(target === undefined ? {} : { target }),
    ...(length === undefined ? {} : { size: Number(length) }),
  };
}

function kindOf(type: string, name: string): TarEntry["kind"] {
  switch (type) {
    case "0":
    case "7":
      return name.endsWith("/") ? "directory" : "file";
    case "1":
      return "link";
    case "2":
      return "symlink";
    case "5":
      return "directory";
    default:
      return "other";
  }
}

function paddedSize(size: number): number {
  return Math.ceil(size / blockSize) * blockSize;
}
