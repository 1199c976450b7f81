/** Appends to one of several lists. */
export function addTo<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** The named keys of an object, as far as it has them. */
export function pick(
  bag: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(keys.filter((key) => bag[key] !== undefined).map((key) => [key, bag[key]]));
}

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

/**
 * A list with removed elements put back, each where it stood among those that are still there; newer elements remain in
 * front. `before` is the list as it was, and `returning` holds positions in it. Elements are the same when their keys are.
 */
export function putBack<Element>(
  now: readonly Element[],
  before: readonly Element[],
  returning: readonly number[],
  keyOf: (element: Element) => string,
): readonly Element[] {
  const comingBack = new Set(returning);
  const positions = new Map<string, number>();
  before.forEach((element, position) => {
    if (!comingBack.has(position) && !positions.has(keyOf(element))) positions.set(keyOf(element), position);
  });
  const waiting = [...comingBack].sort((a, b) => a - b);
  const merged: Element[] = [];
  const release = (until: number) => {
    while (waiting[0] !== undefined && waiting[0] < until) {
      const element = before[waiting.shift() ?? 0];
      if (element !== undefined) merged.push(element);
    }
  };
  for (const element of now) {
    release(positions.get(keyOf(element)) ?? -1);
    merged.push(element);
  }
  release(Infinity);
  return merged;
}
