import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { repositoryRoot } from "../repositoryRoot.js";

export interface Page {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly text: string;
}

export function pageAt(path: string): Page {
  return { path, text: readFileSync(join(repositoryRoot, path), "utf8") };
}

function pagesBelow(folder: string, recursive: boolean): readonly Page[] {
  return readdirSync(join(repositoryRoot, folder), { withFileTypes: true, recursive })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
    .map((entry) => pageAt(relative(repositoryRoot, join(entry.parentPath, entry.name))));
}

/** Everything that is written for users and contributors. */
export const pages: readonly Page[] = [
  ...pagesBelow(".", false),
  ...pagesBelow("docs", true),
  ...readdirSync(join(repositoryRoot, "examples"))
    .map((name) => `examples/${name}/README.md`)
    .filter((path) => existsSync(join(repositoryRoot, path)))
    .map(pageAt),
];

/** What stands in backticks in the tables of a text. */
export function tableWordsIn(text: string): ReadonlySet<string> {
  return new Set(
    text
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .flatMap((line) => [...line.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word)),
  );
}

/** What stands below the heading of a page, up to the next one of the same level. */
export function sectionOf({ path, text }: Page, heading: string): string {
  const [, section] = text.split(`\n## ${heading}\n`);
  assert.ok(section, `${path} has no section ${heading}`);
  return section.split(/\n## /)[0] ?? "";
}
