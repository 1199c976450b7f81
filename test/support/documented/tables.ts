import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../repositoryRoot.js";

export type ResourceName = "ImportedImageStream" | "ImagePrunePolicy" | "ImageArchive";

/** A name in the first column of one of the README's tables. */
export interface DocumentedName {
  /** As a path: `tags.*.image`, `limits.bytes`, `digest(tag)`. */
  readonly path: string;
  /** The cell, without the names of other rows. */
  readonly type: string;
}

interface TablePlace {
  readonly heading: string;
  /** Which of the tables below the heading. */
  readonly index: number;
  /** Before the names: `tags.*.`. */
  readonly prefix?: string;
}

const argumentTables: Readonly<Record<ResourceName, readonly TablePlace[]>> = {
  ImportedImageStream: [
    { heading: "## Arguments", index: 0 },
    { heading: "## Arguments", index: 1, prefix: "tags.*." },
  ],
  ImagePrunePolicy: [{ heading: "### Arguments of a policy", index: 0 }],
  ImageArchive: [
    { heading: "### Arguments of an archive", index: 0 },
    { heading: "### Arguments of an archive", index: 1, prefix: "images[]." },
    { heading: "### Arguments of an archive", index: 2 },
    { heading: "### Arguments of an archive", index: 3, prefix: "registries.*." },
    { heading: "### Arguments of an archive", index: 4 },
  ],
};

const outputTables: Readonly<Record<ResourceName, readonly TablePlace[]>> = {
  ImportedImageStream: [{ heading: "## Outputs", index: 0 }],
  ImagePrunePolicy: [{ heading: "### Outputs of a policy", index: 0 }],
  ImageArchive: [
    { heading: "### Outputs of an archive", index: 0 },
    { heading: "### Outputs of an archive", index: 1, prefix: "content.images.*." },
  ],
};

const readme = readFileSync(join(repositoryRoot, "README.md"), "utf8");

/** Every argument that the README documents; `timeouts` once for each of its keys. */
export function documentedArguments(resource: ResourceName): readonly DocumentedName[] {
  return argumentTables[resource].flatMap(namesIn).flatMap((name) => {
    const keys = /^`\{ ([a-z, ]+) \}`$/.exec(name.type)?.[1];
    return keys === undefined
      ? [name]
      : keys.split(", ").map((key) => ({ path: `${name.path}.${key}`, type: "" }));
  });
}

export function documentedOutputs(resource: ResourceName): readonly DocumentedName[] {
  return outputTables[resource].flatMap(namesIn);
}

function namesIn({ heading, index, prefix = "" }: TablePlace): readonly DocumentedName[] {
  const [, section] = readme.split(`\n${heading}\n`);
  assert.ok(section !== undefined, `there is no heading ${heading}`);
  const own = section.split(/\n#+ /)[0] ?? "";
  const table = own
    .trim()
    .split("\n\n")
    .filter((block) => block.startsWith("|"))[index];
  assert.ok(table !== undefined, `below ${heading} there is no table ${index + 1}`);
  return table
    .split("\n")
    .slice(2)
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    .flatMap(([, names = "", type = ""]) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => ({ path: `${prefix}${name}`, type })),
    );
}
