const lineLength = 130;

/** A Markdown table; pipes inside of cells are escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)]
    .join("\n")
    .replaceAll("|  |", "| |");
}

/** A page of blocks, which blank lines separate. Prose is wrapped, tables are not. */
export function page(blocks: readonly (string | undefined)[]): string {
  return blocks
    .filter((block) => block !== undefined)
    .filter((block) => block !== "")
    .map((block) => (block.startsWith("|") ? block : wrapped(block)))
    .join("\n\n")
    .concat("\n");
}

function wrapped(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= lineLength)
      lines.splice(-1, 1, `${last} ${word}`);
    else lines.push(word);
  }
  return lines.join("\n");
}

export const generatedMark =
  "<!-- `npm run docs` writes this page; a test fails when it is not what the code says. -->";
