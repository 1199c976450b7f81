#!/usr/bin/env node
import "../support/requireNode.js";
import { writeFile } from "node:fs/promises";
import { ImageError, systemCode } from "../support/imageError.js";
import { openStreamReader } from "../wiring/streamReader.js";
import { run } from "./run.js";

/** What a reader has closed, like `head`, wants no more. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error) => {
    process.exit(systemCode(error) === "EPIPE" ? 0 : 1);
  });
}

async function print(text: string): Promise<void> {
  await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
}

async function writeNewFile(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: "wx" });
  } catch (error) {
    const code = systemCode(error);
    const why =
      code === "EEXIST" ? "exists, and is not overwritten" : `cannot be written (${code ?? String(error)})`;
    throw new ImageError("ARGUMENT_INVALID", `--out: ${path} ${why}; name another file`, { cause: error });
  }
}

async function main(): Promise<void> {
  const { signal } = new AbortController();
  const code = await run(process.argv.slice(2), {
    environment: process.env,
    openReader: (connection, events) => openStreamReader(connection, events, signal),
    print,
    writeNewFile,
    complain: (line) => void process.stderr.write(`${line}\n`),
  });
  process.exitCode = code;
}

void main();
