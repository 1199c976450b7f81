/** A Markdown table; pipes inside of cells are escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)]
    .join("\n")
    .replaceAll("|  |", "| |");
}

/** A page of blocks, which blank lines separate. */
export function page(blocks: readonly (string | undefined)[]): string {
  return blocks
    .filter((block) => block !== undefined && block !== "")
    .join("\n\n")
    .concat("\n");
}

export const generatedMark =
  "<!-- `npm run docs` writes this page; a test fails when it is not what the code says. -->";
