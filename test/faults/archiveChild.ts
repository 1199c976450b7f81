import { createArchiveFiles } from "../../provider/tarball/archiveFiles.js";
import { archiveOf, writeOptions } from "./killedArchive.js";

/** Writes an archive after another to the path that the first argument names, from the generation of the second on. */
async function main([path = "", first = "0"]: readonly string[]): Promise<void> {
  const files = createArchiveFiles();
  for (let generation = Number(first); ; generation += 1) {
    await files.write(path, archiveOf(generation), writeOptions);
    process.stdout.write(`${generation}\n`);
  }
}

void main(process.argv.slice(2));
