/**
 * `1 image`, `4,443 images`; `countOf(2, "repository", "repositories")` where "s" does not do. Every count that a person
 * reads is written here, so that none says "1 references".
 */
export function countOf(number: number, singular: string, plural = `${singular}s`): string {
  return `${number.toLocaleString("en-US")} ${pluralOf(number, singular, plural)}`;
}

/** The word alone: `it uses`, `they use`. */
export function pluralOf(number: number, singular: string, plural = `${singular}s`): string {
  return number === 1 ? singular : plural;
}
