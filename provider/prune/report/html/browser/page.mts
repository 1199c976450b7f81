// What makes the page's tables searchable. Everything that it shows goes through textContent.
import type { Cell, EmbeddedTable } from "../tableData.js";
import { find, formatted } from "./elements.mjs";
import { offerSorting } from "./sorting.mjs";
import { createView } from "./view.mjs";

const tables = JSON.parse(
  find(document, "#tables", HTMLScriptElement).textContent,
) as readonly EmbeddedTable[];
for (const table of tables) if (table.rows.length > 0) enliven(table);
for (const button of document.querySelectorAll("button[data-copy]")) offerCopy(button);

function enliven(table: EmbeddedTable): void {
  const { id, rows, reasonColumn } = table;
  const section = find(document, `#${id}`, HTMLElement);
  const search = find(section, "input", HTMLInputElement);
  const filter = find(section, "select", HTMLSelectElement);
  const status = find(section, "[role=status]", HTMLElement);
  const lines = rows.map((row) => ({
    reason: row[reasonColumn],
    text: row.map(textOf).join("\n").toLowerCase(),
  }));
  const view = createView(section, table);
  const choose = () => {
    const words = search.value
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "");
    const reason = filter.value;
    const isChosen = (index: number) => {
      const line = lines[index];
      if (line === undefined || (reason !== "" && line.reason !== reason)) return false;
      return words.every((word) => line.text.includes(word));
    };
    const chosen = order().filter(isChosen);
    view.show(chosen);
    const total = `${formatted(rows.length)} rows`;
    status.textContent = chosen.length === rows.length ? total : `${formatted(chosen.length)} of ${total}`;
  };
  const order = offerSorting(section, table, choose);
  search.addEventListener("input", choose);
  filter.addEventListener("change", choose);
  find(section, ".controls", HTMLElement).hidden = false;
  choose();
}

function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : `${cell[0]} ${cell[2] ?? ""}`;
}

function offerCopy(button: Element): void {
  // A page that is opened from a file may have no clipboard, whatever the types say.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (!(button instanceof HTMLButtonElement) || clipboard === undefined) return;
  const label = button.textContent;
  button.hidden = false;
  const say = (outcome: string) => {
    button.textContent = outcome;
    setTimeout(() => (button.textContent = label), 2000);
  };
  button.addEventListener("click", () => {
    clipboard.writeText(button.dataset.copy ?? "").then(
      () => {
        say("Copied");
      },
      () => {
        say("Not copied");
      },
    );
  });
}
