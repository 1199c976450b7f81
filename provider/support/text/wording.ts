/**
 * `1 image`, `4,443 images`; `countOf(2, "repository", "repositories")` for an irregular plural. Every count that a person
 * reads is written here, so that none says "1 references".
 */
export function countOf(number: number, singular: string, plural = `${singular}s`): string {
  return `${number.toLocaleString("en-US")} ${pluralOf(number, singular, plural)}`;
}

/** The word alone: `it uses`, `they use`. */
export function pluralOf(number: number, singular: string, plural = `${singular}s`): string {
  return number === 1 ? singular : plural;
}

/** `v1, v2 and 3 more`: as many names as `most`, in their order. */
export function nameList(names: readonly string[], most: number): string {
  const shown = names.slice(0, most).join(", ");
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

/** Characters of longer names are not compared: no name that matters here has as many. */
const maxLength = 256;

/** `; did you mean "shop"?`: the name among those that exist that is most like a mistyped one; empty when none is. */
export function didYouMean(name: string, existing: Iterable<string>): string {
  const nearest = nearestName(name, existing);
  return nearest === undefined ? "" : `; did you mean ${JSON.stringify(nearest)}?`;
}

/** Undefined unless at most a third of the characters differ, the case left out of account. The first of several. */
export function nearestName(name: string, existing: Iterable<string>): string | undefined {
  let nearest: { readonly name: string; readonly distance: number } | undefined;
  const wanted = name.slice(0, maxLength).toLowerCase();
  for (const candidate of existing) {
    if (candidate.length > maxLength || candidate === name) continue;
    const distance = editDistance(wanted, candidate.toLowerCase());
    const length = Math.max(wanted.length, candidate.length);
    const isNear = distance < length && distance <= Math.max(1, Math.floor(length / 3));
    if (isNear && distance < (nearest?.distance ?? Infinity)) nearest = { name: candidate, distance };
  }
  return nearest?.name;
}

/** How many characters have to be added, taken away, replaced, or swapped with their neighbour. */
function editDistance(a: string, b: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (beforeLast[column - 2] ?? 0) + 1 : Infinity,
      );
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
