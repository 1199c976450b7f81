/**
 * What makes the page's tables searchable, plain JavaScript for browsers. Everything that it shows goes through
 * textContent. `test/unit/prune/report/pageScript.spec.ts` checks its types.
 */
export const pageScript = String.raw`"use strict";
(() => {
  /** Rows that are added at a time, and those that are printed at most. */
  const step = 200;
  const printed = 500;
  const collator = new Intl.Collator("en", { numeric: true });

  /** @typedef {string | [text: string, sortBy: number | string, remark?: string]} Cell */
  /** @typedef {{ id: string, columns: { key: string, title: string }[], rows: Cell[][], sortedBy: number, reasonColumn: number }} Table */

  /** @type {Table[]} */
  const tables = JSON.parse(find(document, "#tables", HTMLScriptElement).textContent);
  for (const table of tables) if (table.rows.length > 0) enliven(table);
  for (const button of document.querySelectorAll("button[data-copy]")) offerCopy(button);

  /** @param {Table} table */
  function enliven({ id, columns, rows, sortedBy, reasonColumn }) {
    const section = find(document, "#" + id, HTMLElement);
    const body = find(section, "tbody", HTMLTableSectionElement);
    const scroller = find(section, ".scroller", HTMLElement);
    const search = find(section, "input", HTMLInputElement);
    const filter = find(section, "select", HTMLSelectElement);
    const status = find(section, "[role=status]", HTMLElement);
    const more = find(section, ".more", HTMLButtonElement);
    const headings = [...section.querySelectorAll("th")];
    const texts = rows.map((row) => row.map(textOf).join("\n").toLowerCase());
    let sorted = rows.map((_, index) => index);
    let order = sorted;
    let shown = 0;
    let column = sortedBy;
    let isDescending = true;

    function choose() {
      const words = search.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
      const reason = filter.value;
      order = sorted.filter((index) => {
        if (reason !== "" && rows[index][reasonColumn] !== reason) return false;
        return words.every((word) => texts[index].includes(word));
      });
      body.replaceChildren();
      shown = 0;
      scroller.scrollTop = 0;
      show(step);
      const total = rows.length.toLocaleString("en-US");
      const found = order.length.toLocaleString("en-US");
      status.textContent = order.length === rows.length ? total + " rows" : found + " of " + total + " rows";
      if (order.length === 0) body.append(emptyRow(columns.length));
    }

    /** @param {number} count */
    function show(count) {
      const added = document.createDocumentFragment();
      for (const index of order.slice(shown, shown + count)) added.append(rowOf(rows[index], columns));
      body.append(added);
      shown = Math.min(order.length, shown + count);
      more.hidden = shown === order.length;
      more.textContent = "Show more (" + (order.length - shown).toLocaleString("en-US") + " left)";
    }

    /** @param {number} chosen */
    function sortBy(chosen) {
      isDescending = chosen === column ? !isDescending : typeof keyOf(rows[0][chosen]) === "number";
      column = chosen;
      const direction = isDescending ? -1 : 1;
      const keys = rows.map((row) => keyOf(row[column]));
      sorted = rows
        .map((_, index) => index)
        .sort((a, b) => direction * compare(keys[a], keys[b]) || a - b);
      headings.forEach((heading, index) => {
        if (index === column) heading.ariaSort = isDescending ? "descending" : "ascending";
        else heading.removeAttribute("aria-sort");
      });
      choose();
    }

    headings.forEach((heading, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = heading.textContent;
      button.addEventListener("click", () => sortBy(index));
      heading.replaceChildren(button);
    });
    search.addEventListener("input", choose);
    filter.addEventListener("change", choose);
    more.addEventListener("click", () => {
      const next = shown;
      show(step);
      const row = body.rows[next];
      if (!more.hidden || row === undefined) return;
      row.tabIndex = -1;
      row.focus({ preventScroll: true });
    });
    scroller.addEventListener("scroll", () => {
      const left = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
      if (left < 800 && shown < order.length) show(step);
    });
    addEventListener("beforeprint", () => {
      if (shown < printed) show(printed - shown);
      const rest = order.length - shown;
      find(section, ".print-note", HTMLElement).textContent =
        rest > 0 ? rest.toLocaleString("en-US") + " more rows are in the file." : "";
    });
    find(section, ".controls", HTMLElement).hidden = false;
    choose();
  }

  /** @param {Cell[]} row @param {{ key: string, title: string }[]} columns */
  function rowOf(row, columns) {
    const line = document.createElement("tr");
    line.setAttribute("role", "row");
    row.forEach((cell, index) => {
      const { key, title } = columns[index];
      const element = document.createElement("td");
      element.setAttribute("role", "cell");
      element.className = key;
      element.dataset.label = title;
      const text = Array.isArray(cell) ? cell[0] : cell;
      const remark = Array.isArray(cell) ? cell[2] : undefined;
      if (text !== "") {
        const content = document.createElement(key === "digest" ? "code" : "span");
        if (key === "digest") content.title = text;
        content.textContent = text;
        element.append(content);
      }
      if (remark !== undefined && remark !== "") {
        const small = document.createElement("small");
        small.textContent = remark;
        element.append(small);
      }
      line.append(element);
    });
    return line;
  }

  /** @param {number} width */
  function emptyRow(width) {
    const line = document.createElement("tr");
    const cell = document.createElement("td");
    line.setAttribute("role", "row");
    cell.setAttribute("role", "cell");
    cell.colSpan = width;
    cell.className = "empty";
    cell.textContent = "No row matches. Search for less, or choose every reason.";
    line.append(cell);
    return line;
  }

  /** @param {Cell} cell */
  function textOf(cell) {
    return Array.isArray(cell) ? cell[0] + " " + (cell[2] ?? "") : cell;
  }

  /** @param {Cell} cell */
  function keyOf(cell) {
    return Array.isArray(cell) ? cell[1] : cell;
  }

  /** @param {number | string} a @param {number | string} b */
  function compare(a, b) {
    return typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
  }

  /** @param {Element} button */
  function offerCopy(button) {
    if (!(button instanceof HTMLButtonElement) || navigator.clipboard === undefined) return;
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const copied = navigator.clipboard.writeText(button.dataset.copy ?? "");
      button.textContent = await copied.then(() => "Copied", () => "Not copied");
      setTimeout(() => (button.textContent = label), 2000);
    });
  }

  /**
   * @template {Element} Kind
   * @param {ParentNode} parent @param {string} selector @param {new () => Kind} kind
   * @returns {Kind}
   */
  function find(parent, selector, kind) {
    const element = parent.querySelector(selector);
    if (!(element instanceof kind)) throw new Error("The page lacks " + selector);
    return element;
  }
})();
`;
