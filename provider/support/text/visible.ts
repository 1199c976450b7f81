/**
 * Characters that show nothing or turn the text around them: controls, zero-width characters, bidirectional overrides and
 * isolates, line separators, halves of surrogate pairs.
 */
const invisible =
  /[\p{Cc}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\p{Cs}]/gu;

/** The same, but for tabs and line breaks; and `<{%`, which begins what Pulumi's CLI turns into a terminal's commands. */
const obeyed =
  /[^\P{Cc}\t\n]|[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\p{Cs}]|<(?=\{%)/gu;

/** A text in which nothing hides, whoever wrote it: `evil⟨U+202E⟩gnp.exe`. */
export function visibleText(text: string): string {
  return text.replace(invisible, visible);
}

/** A message of several lines that no terminal obeys, whatever the names in it are. */
export function visibleLines(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(obeyed, visible);
}

/** A text that somebody else chose, in quotes and on one line: a tag in a tarball, an engine's name of an image. */
export function quoted(text: string): string {
  return visibleText(JSON.stringify(text));
}

/** JSON that means the same, and whose text nothing in it can turn around or end early, be it within HTML. */
export function plainJson(value: unknown, space?: number): string {
  return JSON.stringify(value, undefined, space).replace(
    /[<>&\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g,
    (character) => `\\u${codeOf(character).toLowerCase()}`,
  );
}

function visible(character: string): string {
  return `⟨U+${codeOf(character)}⟩`;
}

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
}
