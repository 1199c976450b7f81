/** Tag names as `oc tag` accepts them; the server itself would store anything (facts/image-streams.md 9). */
const tagName = /^\w[\w.-]{0,127}$/;

/** JavaScript keeps `__proto__` for itself. */
export function isTagName(name: string): boolean {
  return tagName.test(name) && name !== "__proto__";
}
