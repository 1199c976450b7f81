/**
 * Whether a pattern with `*` and `?` matches a text part by part, as servers compare hosts: neither stands for the
 * separator. The time grows with the product of the lengths, whatever they contain.
 */
export function matchesByParts(pattern: string, text: string, separator: string): boolean {
  const [patterns, parts] = [pattern.split(separator), text.split(separator)];
  return (
    patterns.length === parts.length && patterns.every((each, index) => matchesPart(each, parts[index] ?? ""))
  );
}

/** Backtracks to the last star only: earlier stars never need to match more. */
function matchesPart(pattern: string, text: string): boolean {
  let [at, from, star, marked] = [0, 0, -1, 0];
  while (from < text.length) {
    if (at < pattern.length && pattern[at] !== "*" && (pattern[at] === "?" || pattern[at] === text[from])) {
      at += 1;
      from += 1;
    } else if (pattern[at] === "*") {
      star = at;
      marked = from;
      at += 1;
    } else if (star !== -1) {
      at = star + 1;
      marked += 1;
      from = marked;
    } else {
      return false;
    }
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}
