import { visibleText } from "../../support/visibleText.js";

/**
 * Any text as a code span that also holds within a table: GitHub finds no markup, no mention and no link in it.
 */
export function code(text: string): string {
  const visible = visibleText(text);
  if (visible.trim() === "") return "";
  const longest = Math.max(0, ...[...visible.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  const padding = /^[` ]|[` ]$/.test(visible) ? " " : "";
  // Within tables GitHub reads `\|` as a bar even in code.
  return `${fence}${padding}${visible.replaceAll("|", "\\|")}${padding}${fence}`;
}

/** Plain words and numbers, also with dots, colons, slashes or hyphens between them; punctuation may follow. */
const plainWord = /^["'(]?[\p{L}\p{N}]+(?:[.,:/'’-][\p{L}\p{N}]+)*[.,;:?)"']*$/u;

/** Our sentences around names of others: what is not a plain word becomes code, so that it can mean nothing else. */
export function prose(text: string): string {
  const words = text.split(/\s+/).filter((word) => word !== "");
  return words.map((word, index) => proseWord(word, index === 0)).join(" ");
}

function proseWord(word: string, isFirst: boolean): string {
  if (isFirst && /^\d+[.)]/.test(word)) return code(word); // would begin a numbered list
  if (/^www\./i.test(word)) return code(word); // would become a link
  return plainWord.test(word) ? word : code(word);
}
