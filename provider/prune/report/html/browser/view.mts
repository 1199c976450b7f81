import type { Cell, Column, EmbeddedTable } from "../tableData.js";
import { find, formatted } from "./elements.mjs";

/** Rows that are added at a time. */
const step = 200;
/** Rows that are printed at most. */
const printed = 500;
/** Pixels below what is seen from which on more rows are added. */
const nearEnd = 800;

export interface View {
  /** Shows these rows in this order, from the first one on. */
  readonly show: (indexes: readonly number[]) => void;
}

/** The rows that are in the document: the first ones of what was chosen, more as they are asked for. */
export function createView(section: HTMLElement, { columns, rows }: EmbeddedTable): View {
  const body = find(section, "tbody", HTMLTableSectionElement);
  const scroller = find(section, ".scroller", HTMLElement);
  const more = find(section, ".more", HTMLButtonElement);
  let chosen: readonly number[] = [];
  let shown = 0;
  const add = (count: number) => {
    const indexes = chosen.slice(shown, shown + count);
    body.append(...indexes.map((index) => rowOf(rows[index] ?? [], columns)));
    shown += indexes.length;
    more.hidden = shown === chosen.length;
    more.textContent = `Show more (${formatted(chosen.length - shown)} left)`;
  };
  more.addEventListener("click", () => {
    const next = shown;
    add(step);
    // The button with the focus has gone; go on where reading goes on.
    if (more.hidden) focusOn(body.rows[next]);
  });
  scroller.addEventListener("scroll", () => {
    const left = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
    if (left < nearEnd && shown < chosen.length) add(step);
  });
  addEventListener("beforeprint", () => {
    if (shown < printed) add(printed - shown);
    noteRest(section, chosen.length - shown);
  });
  const show = (indexes: readonly number[]) => {
    chosen = indexes;
    shown = 0;
    body.replaceChildren();
    scroller.scrollTop = 0;
    add(step);
    if (chosen.length === 0) body.append(emptyRow(columns.length));
  };
  return { show };
}

function noteRest(section: HTMLElement, rest: number): void {
  find(section, ".print-note", HTMLElement).textContent =
    rest > 0 ? `${formatted(rest)} more rows are in the file.` : "";
}

/** Exactly what the page holds of its first rows for those who run no script. */
function rowOf(row: readonly Cell[], columns: readonly Column[]): HTMLElement {
  const line = elementOf("tr", "row");
  columns.forEach((column, index) => {
    line.append(cellOf(row[index] ?? "", column));
  });
  return line;
}

function cellOf(cell: Cell, { key, title }: Column): HTMLElement {
  const [text, , remark = ""] = typeof cell === "string" ? [cell, cell] : cell;
  const element = elementOf("td", "cell");
  element.className = key;
  element.dataset.label = title;
  if (text !== "") {
    const content = document.createElement(key === "digest" ? "code" : "span");
    if (key === "digest") content.title = text;
    content.textContent = text;
    element.append(content);
  }
  if (remark !== "") {
    const small = document.createElement("small");
    small.textContent = remark;
    element.append(small);
  }
  return element;
}

function emptyRow(width: number): HTMLElement {
  const line = elementOf("tr", "row");
  const cell = elementOf("td", "cell");
  cell.colSpan = width;
  cell.className = "empty";
  cell.textContent = "No row matches. Search for less, or choose every reason.";
  line.append(cell);
  return line;
}

function elementOf<Name extends "td" | "tr">(name: Name, role: string): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  element.setAttribute("role", role);
  return element;
}

function focusOn(element: HTMLElement | undefined): void {
  if (element === undefined) return;
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
}
