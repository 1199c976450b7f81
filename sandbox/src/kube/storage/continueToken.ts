import { badRequest } from "../model/status.js";

export interface ContinueToken {
  /** Revision of the list that is being continued; -1 for "whatever is there now". */
  readonly revision: number;
  /** Key after which to continue. */
  readonly after: string;
}

const separator = "\u0000";

export function formatContinueToken({ revision, after }: ContinueToken): string {
  const token = { v: "meta.k8s.io/v1", rv: revision, start: `${after}${separator}` };
  return Buffer.from(JSON.stringify(token)).toString("base64url");
}

export function parseContinueToken(text: string): ContinueToken {
  const decoded = Buffer.from(text, "base64url");
  let token: unknown;
  try {
    token = JSON.parse(decoded.toString("utf8"));
  } catch {
    throw invalidToken(`invalid character ${quotedByte(decoded[0] ?? 0)} looking for beginning of value`);
  }
  const { v, rv, start } = (token ?? {}) as { v?: unknown; rv?: unknown; start?: unknown };
  if (v !== "meta.k8s.io/v1") throw invalidToken("server does not recognize this encoded version");
  if (typeof rv !== "number" || rv === 0) throw invalidToken("incorrect encoded start resourceVersion");
  if (typeof start !== "string" || start === "") throw invalidToken("encoded start key empty");
  return { revision: rv, after: start.endsWith(separator) ? start.slice(0, -1) : start };
}

/** The same query, with a token of a revision that nobody remembers. */
export function withExpiredToken(query: URLSearchParams): URLSearchParams {
  const token = query.get("continue") ?? "";
  if (token === "") return query;
  const expired = new URLSearchParams(query);
  const forgotten = { ...parseContinueToken(token), revision: Number.MAX_SAFE_INTEGER };
  expired.set("continue", formatContinueToken(forgotten));
  return expired;
}

function invalidToken(cause: string): Error {
  return badRequest(`invalid continue token: continue key is not valid: ${cause}`);
}

function quotedByte(byte: number): string {
  const isPrintable = byte >= 0x20 && byte < 0x7f;
  return isPrintable ? `'${String.fromCharCode(byte)}'` : `'\\u${byte.toString(16).padStart(4, "0")}'`;
}
