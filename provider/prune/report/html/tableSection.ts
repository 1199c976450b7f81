import { byText } from "../../../support/text/spelling.js";
import { grouped } from "../wording.js";
import { type Markup, markup, nothing } from "./markup.js";
import type { Cell, Column, PageTable } from "./tableData.js";
import { reasonColumn } from "./tables.js";

/** Rows that stand in the page itself, for those who run no script. */
const staticRows = 200;

/** Heading and introduction of a table. */
interface TableTexts {
  readonly title: string;
  readonly caption: string;
  /** Above the table. */
  readonly before: Markup;
  /** Instead of it, where there are no rows. */
  readonly none: string;
}

/** A section with a table that the page's script makes searchable; as it stands it shows the first rows. */
export function tableSection(table: PageTable, texts: TableTexts): Markup {
  const { id, rows } = table;
  const content = rows.length === 0 ? markup`<p class="rest">${texts.none}</p>` : tableContent(table, texts);
  return markup`<section id="${id}">
    <h2 id="${id}-title">${texts.title}</h2>
    ${texts.before}${content}
  </section>`;
}

function tableContent({ id, columns, rows, sortedBy }: PageTable, { caption }: TableTexts): Markup {
  const rest = rows.length - staticRows;
  const withoutScript = rest > 0 ? `${grouped(rest)} more rows are shown where scripts may run.` : "";
  return markup`<div class="controls" hidden>
      <label>
        Search
        <input type="search" autocomplete="off" spellcheck="false" placeholder="Stream, tag, digest …" />
      </label>
      <label>
        Reason
        <select>
          <option value="">Every reason</option>
          ${reasonOptions(rows)}
        </select>
      </label>
      <span role="status"></span>
    </div>
    <div class="scroller" tabindex="0" role="region" aria-labelledby="${id}-title">
      <table role="table">
        <caption>${caption}</caption>
        <colgroup>
          ${columns.map(({ key }) => markup`<col class="${key}" />`)}
        </colgroup>
        <thead role="rowgroup">
          <tr role="row">
            ${columns.map((column, index) => heading(column, index === sortedBy))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${rows.slice(0, staticRows).map((row) => rowMarkup(row, columns))}
        </tbody>
      </table>
    </div>
    <button type="button" class="more" hidden>Show more</button>
    <p class="print-note rest"></p>
    <noscript><p class="rest">${withoutScript}</p></noscript>`;
}

function heading({ key, title }: Column, isSorted: boolean): Markup {
  const sort = isSorted ? markup` aria-sort="descending"` : nothing;
  return markup`<th scope="col" role="columnheader" class="${key}"${sort}>${title}</th>`;
}

/** Exactly what the page's script makes of the same cells. */
function rowMarkup(row: readonly Cell[], columns: readonly Column[]): Markup {
  return markup`<tr role="row">${columns.map((column, index) => cellMarkup(row[index] ?? "", column))}</tr>`;
}

function cellMarkup(cell: Cell, { key, title }: Column): Markup {
  const [text, , remark = ""] = typeof cell === "string" ? [cell, cell] : cell;
  const full = key === "digest" ? markup`<code title="${text}">${text}</code>` : markup`<span>${text}</span>`;
  const shown = text === "" ? nothing : full;
  const small = remark === "" ? nothing : markup`<small>${remark}</small>`;
  return markup`<td role="cell" class="${key}" data-label="${title}">${shown}${small}</td>`;
}

function reasonOptions(rows: PageTable["rows"]): readonly Markup[] {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const reason = row[reasonColumn];
    if (typeof reason === "string") counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const mostFirst = [...counts].sort(([a, m], [b, n]) => n - m || byText(a, b));
  return mostFirst.map(
    ([reason, count]) => markup`<option value="${reason}">${reason} (${grouped(count)})</option>`,
  );
}
