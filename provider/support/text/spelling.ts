/**
 * A text without any of these characters at its end. `text.replace(/x+$/, "")` needs the square of the length where a long
 * run of them is not at the end.
 */
export function trimmedEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** A percent-decoded text; unchanged where its encoding is invalid. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A text as one word of a POSIX shell, whatever is in it. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The name that the program gave the resource: what stands behind the last `::` of a URN. */
export function nameInUrn(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}

/** Compares texts for sorting, by their code units: in the same order on every machine. */
export function byText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Compares the entries of an object or a map by their keys. */
export function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return byText(a, b);
}
