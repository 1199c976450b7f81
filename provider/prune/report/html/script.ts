/**
 * What makes the page's tables searchable, plain JavaScript for browsers. Everything that it shows goes through
 * textContent. `test/unit/prune/report/html/page.spec.ts` checks its types.
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
  function enliven(table) {
    const { id, rows, reasonColumn } = table;
    const section = find(document, "#" + id, HTMLElement);
    const search = find(section, "input", HTMLInputElement);
    const filter = find(section, "select", HTMLSelectElement);
    const status = find(section, "[role=status]", HTMLElement);
    const texts = rows.map((row) => row.map(textOf).join("\n").toLowerCase());
    const view = createView(section, table);
    const choose = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
      const reason = filter.value;
      const chosen = order().filter((index) => {
        if (reason !== "" && rows[index][reasonColumn] !== reason) return false;
        return words.every((word) => texts[index].includes(word));
      });
      view.show(chosen);
      const total = formatted(rows.length) + " rows";
      status.textContent = chosen.length === rows.length ? total : formatted(chosen.length) + " of " + total;
    };
    const order = offerSorting(section, table, choose);
    search.addEventListener("input", choose);
    filter.addEventListener("change", choose);
    find(section, ".controls", HTMLElement).hidden = false;
    choose();
  }

  /**
   * The rows that are in the document: the first ones of what was chosen, more as they are asked for.
   * @param {HTMLElement} section @param {Table} table
   */
  function createView(section, { columns, rows }) {
    const body = find(section, "tbody", HTMLTableSectionElement);
    const scroller = find(section, ".scroller", HTMLElement);
    const more = find(section, ".more", HTMLButtonElement);
    const note = find(section, ".print-note", HTMLElement);
    /** @type {number[]} */
    let chosen = [];
    let shown = 0;
    /** @param {number} count */
    const add = (count) => {
      const added = document.createDocumentFragment();
      for (const index of chosen.slice(shown, shown + count)) added.append(rowOf(rows[index], columns));
      body.append(added);
      shown = Math.min(chosen.length, shown + count);
      more.hidden = shown === chosen.length;
      more.textContent = "Show more (" + formatted(chosen.length - shown) + " left)";
    };
    more.addEventListener("click", () => {
      const next = shown;
      add(step);
      // The button with the focus has gone; go on where reading goes on.
      if (more.hidden) focusOn(body.rows[next]);
    });
    scroller.addEventListener("scroll", () => {
      const left = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
      if (left < 800 && shown < chosen.length) add(step);
    });
    addEventListener("beforeprint", () => {
      if (shown < printed) add(printed - shown);
      const rest = chosen.length - shown;
      note.textContent = rest > 0 ? formatted(rest) + " more rows are in the file." : "";
    });
    return {
      /** @param {number[]} indexes */
      show: (indexes) => {
        chosen = indexes;
        shown = 0;
        body.replaceChildren();
        scroller.scrollTop = 0;
        add(step);
        if (chosen.length === 0) body.append(emptyRow(columns.length));
      },
    };
  }

  /**
   * Makes the headings buttons; returns what tells the present order.
   * @param {HTMLElement} section @param {Table} table @param {() => void} changed
   * @returns {() => number[]}
   */
  function offerSorting(section, { rows, sortedBy }, changed) {
    const headings = [...section.querySelectorAll("th")];
    let order = rows.map((_, index) => index);
    let column = sortedBy;
    let isDescending = true;
    /** @param {number} chosen */
    const sortBy = (chosen) => {
      isDescending = chosen === column ? !isDescending : typeof keyOf(rows[0][chosen]) === "number";
      column = chosen;
      const direction = isDescending ? -1 : 1;
      const keys = rows.map((row) => keyOf(row[column]));
      order = rows.map((_, index) => index);
      order.sort((a, b) => direction * compare(keys[a], keys[b]) || a - b);
      for (const heading of headings) heading.removeAttribute("aria-sort");
      headings[column].ariaSort = isDescending ? "descending" : "ascending";
      changed();
    };
    headings.forEach((heading, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = heading.textContent;
      button.addEventListener("click", () => sortBy(index));
      heading.replaceChildren(button);
    });
    return () => order;
  }

  /** @param {Cell[]} row @param {{ key: string, title: string }[]} columns */
  function rowOf(row, columns) {
    const line = document.createElement("tr");
    line.setAttribute("role", "row");
    row.forEach((cell, index) => line.append(cellOf(cell, columns[index])));
    return line;
  }

  /** @param {Cell} cell @param {{ key: string, title: string }} column */
  function cellOf(cell, { key, title }) {
    const [text, , remark = ""] = Array.isArray(cell) ? cell : [cell, cell];
    const element = document.createElement("td");
    element.setAttribute("role", "cell");
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

  /** @param {HTMLElement | undefined} element */
  function focusOn(element) {
    if (element === undefined) return;
    element.tabIndex = -1;
    element.focus({ preventScroll: true });
  }

  /** @param {number} count */
  function formatted(count) {
    return count.toLocaleString("en-US");
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
