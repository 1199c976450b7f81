/**
 * The value under a name from outside, like a tag's: `undefined` unless the record itself has it. A plain `record[name]`
 * answers `constructor` and `__proto__` with what every object inherits.
 */
export function own<Value>(
  record: Readonly<Record<string, Value>> | null | undefined,
  name: string,
): Value | undefined {
  return record !== undefined && record !== null && Object.hasOwn(record, name) ? record[name] : undefined;
}
