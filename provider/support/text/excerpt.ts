import type { Redactor } from "./redact.js";
import { visibleText } from "./visible.js";

/** Characters. Longer texts are not searched for secrets to their end, because nobody gets to see it. */
const maxRead = 64 * 1024;

let redact: Redactor = (text) => text;

/** Set once for the process: redacts a text before it is shortened, because a part of a secret would pass afterwards. */
export function redactExcerptsWith(redactor: Redactor): void {
  redact = redactor;
}

/**
 * The beginning of what a server, a program or a file says, for a message: on one line, without secrets, without anything
 * that a terminal obeys, and with … where it goes on.
 */
export function excerpt(text: string, maxLength = 300): string {
  const plain = visibleText(
    redact(wholeWords(text))
      .replaceAll(/[\s\p{Cc}]+/gu, " ")
      .trim(),
  );
  return plain.length <= maxLength ? plain : `${plain.slice(0, maxLength - 1)}…`;
}

/** Cuts between words, so that no secret is cut; an endless word is longer than what is shown anyway. */
function wholeWords(text: string): string {
  if (text.length <= maxRead) return text;
  const start = text.slice(0, maxRead);
  const end = start.search(/\s\S*$/);
  return end === -1 ? start : start.slice(0, end);
}
