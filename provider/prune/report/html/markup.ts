import { visibleText } from "../../../support/text/visible.js";

/** Text that is HTML already; only `markup` makes it. */
export interface Markup {
  readonly html: string;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A piece of a page: every value that is not `Markup` is text, and stays text in elements and in quoted attributes. */
export function markup(
  pieces: TemplateStringsArray,
  ...values: readonly (string | number | Markup | readonly Markup[])[]
): Markup {
  const texts = values.map(markupOf);
  return { html: pieces.map((piece, index) => piece + (texts[index] ?? "")).join("") };
}

/** An empty piece. */
export const nothing: Markup = { html: "" };

function markupOf(value: string | number | Markup | readonly Markup[]): string {
  if (typeof value === "number") return String(value);
  if (typeof value === "string") {
    return visibleText(value).replace(/[&<>"']/g, (character) => entities[character] ?? "");
  }
  return "html" in value ? value.html : value.map(({ html: text }) => text).join("");
}
