import type { Cell, EmbeddedTable } from "../tableData.js";

type SortKey = number | string;

const collator = new Intl.Collator("en", { numeric: true });

/** Makes the headings buttons; returns what tells the present order, as indexes of rows. */
export function offerSorting(
  section: HTMLElement,
  { rows, sortedBy }: EmbeddedTable,
  changed: () => void,
): () => readonly number[] {
  const headings = [...section.querySelectorAll("th")];
  let order = rows.map((_, index) => index);
  let column = sortedBy;
  let isDescending = true;
  const sortBy = (chosen: number) => {
    isDescending = chosen === column ? !isDescending : typeof keyOf(rows[0]?.[chosen]) === "number";
    column = chosen;
    order = sorted(
      rows.map((row) => keyOf(row[column])),
      isDescending,
    );
    for (const heading of headings) heading.removeAttribute("aria-sort");
    const heading = headings[column];
    if (heading !== undefined) heading.ariaSort = isDescending ? "descending" : "ascending";
    changed();
  };
  headings.forEach((heading, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    button.addEventListener("click", () => {
      sortBy(index);
    });
    heading.replaceChildren(button);
  });
  return () => order;
}

/** Indexes of the keys in order; equal ones stay as they are. */
function sorted(keys: readonly SortKey[], isDescending: boolean): number[] {
  const direction = isDescending ? -1 : 1;
  return keys
    .map((key, index) => ({ key, index }))
    .sort((a, b) => direction * compare(a.key, b.key) || a.index - b.index)
    .map(({ index }) => index);
}

function keyOf(cell: Cell = ""): SortKey {
  return typeof cell === "string" ? cell : cell[1];
}

function compare(a: SortKey, b: SortKey): number {
  return typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
}
