/** Hexadecimal digits that a digest of each algorithm has. */
const hexLengths: ReadonlyMap<string, number> = new Map([
  ["sha256", 64],
  ["sha384", 96],
  ["sha512", 128],
]);

/** `sha256:` and 64 lower case hexadecimal digits: what OpenShift imports by, and what it names images by. */
export function isSha256Digest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

/**
 * What library-go's digest parser says against a text of the form `algorithm:hex`; `undefined` when it is fine.
 * Upper case hex passes there, although registries refuse it.
 */
export function digestProblem(text: string): DigestProblem | undefined {
  const [algorithm = "", hex = ""] = text.split(":");
  const length = hexLengths.get(algorithm);
  if (length === undefined) return "unsupported digest algorithm";
  return hex.length === length ? undefined : "invalid checksum digest length";
}

export type DigestProblem = "unsupported digest algorithm" | "invalid checksum digest length";
