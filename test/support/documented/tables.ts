import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../repositoryRoot.js";

export type ResourceName = "ImportedImageStream" | "ImagePrunePolicy" | "ImageArchive";

/** A name in the first column of one of the reference's tables. */
export interface DocumentedName {
  /** As a path: `tags.*.image`, `limits.bytes`, `digest(tag)`. */
  readonly path: string;
  /** The cell, without the names of other rows. */
  readonly type: string;
}

const pages: Readonly<Record<ResourceName, string>> = {
  ImportedImageStream: "docs/reference/imported-image-stream.md",
  ImagePrunePolicy: "docs/reference/image-prune-policy.md",
  ImageArchive: "docs/reference/image-archive.md",
};

/** Every argument that the reference documents; `timeouts` once for each of its keys. */
export function documentedArguments(resource: ResourceName): readonly DocumentedName[] {
  return namesIn(rowsBelow(resource, "Arguments")).flatMap((name) => {
    const keys = /^`\{ ([a-z, ]+) \}`$/.exec(name.type)?.[1];
    return name.path !== "timeouts" || keys === undefined
      ? [name]
      : keys.split(", ").map((key) => ({ path: `${name.path}.${key}`, type: "" }));
  });
}

export function documentedOutputs(resource: ResourceName): readonly DocumentedName[] {
  return namesIn(rowsBelow(resource, "Outputs"));
}

/** Arguments whose default is a value and no words, by their paths. */
export function documentedDefaults(resource: ResourceName): ReadonlyMap<string, unknown> {
  const found = rowsBelow(resource, "Arguments").flatMap(([name = "", , value = ""]) => {
    const [, literal] = /^`([^`]+)`/.exec(value) ?? [];
    return literal === undefined ? [] : [[name.replaceAll("`", ""), JSON.parse(literal) as unknown] as const];
  });
  return new Map(found);
}

function namesIn(rows: readonly (readonly string[])[]): readonly DocumentedName[] {
  return rows.flatMap(([names = "", type = ""]) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => ({ path, type })),
  );
}

/** Cells of all tables below the heading, those of its subsections included. */
function rowsBelow(resource: ResourceName, heading: string): readonly (readonly string[])[] {
  const page = readFileSync(join(repositoryRoot, pages[resource]), "utf8");
  const [, section] = page.split(`\n## ${heading}\n`);
  assert.ok(section !== undefined, `${pages[resource]} has no heading ${heading}`);
  const [own = ""] = section.split("\n## ");
  return own
    .split("\n\n")
    .map((block) => block.trim())
    .filter((block) => block.startsWith("|"))
    .flatMap((table) => table.split("\n").slice(2))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    .map(([, ...cells]) => cells);
}
