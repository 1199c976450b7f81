/** Deep equality as JSON has it: keys whose value is undefined are absent, the order of keys does not matter. */
export function isSameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const leftEntries = Object.entries(left).filter(([, value]) => value !== undefined);
  const rightEntries = Object.entries(right).filter(([, value]) => value !== undefined);
  if (leftEntries.length !== rightEntries.length) return false;
  const rightByKey = new Map<string, unknown>(rightEntries);
  return leftEntries.every(([key, value]) => rightByKey.has(key) && isSameJson(value, rightByKey.get(key)));
}
