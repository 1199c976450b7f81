/** What a cell shows, what it is sorted by where that is not the text, and a remark in small print. */
export type Cell = string | readonly [text: string, sortBy: number | string, remark?: string];

export interface PageTable {
  readonly id: "going" | "kept";
  readonly columns: readonly Column[];
  /** In the order in which they are shown first. */
  readonly rows: readonly (readonly Cell[])[];
  /** How `rows` are ordered. */
  readonly sortedBy: number;
}

export interface Column {
  /** Class of its cells. */
  readonly key: string;
  readonly title: string;
}

/** A table as the page holds it for its script, as JSON. */
export interface EmbeddedTable extends PageTable {
  /** Position of the reason in its rows, which the page filters by. */
  readonly reasonColumn: number;
}
