import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { repositoryRoot } from "../support/repositoryRoot.js";
import {
  brokenCitations,
  citationsIn,
  commentsIn,
  type Library,
  numbersIn,
  proseIn,
  sourcesIn,
} from "./citations.js";

const facts = readdirSync(join(repositoryRoot, "docs/facts")).filter((name) => name !== "README.md");

function textOf(path: string): string {
  return readFileSync(join(repositoryRoot, path), "utf8");
}

/** Files below a folder, relative to the root, without what was installed or built. */
function filesBelow(folder: string, isWanted: (path: string) => boolean): readonly string[] {
  return readdirSync(join(repositoryRoot, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return ["node_modules", "dist", "conformance"].includes(entry.name) ? [] : filesBelow(path, isWanted);
    }
    return entry.isFile() && isWanted(path) ? [path] : [];
  });
}

/** Documents are named from the root, from `docs`, or from the folder of the page that names them. */
function libraryFor(folder: string): Library {
  return {
    read: (document) =>
      [document, join("docs", document), join(folder, document)]
        .filter((path) => !relative(repositoryRoot, join(repositoryRoot, path)).startsWith(".."))
        .filter((path) => existsSync(join(repositoryRoot, path)))
        .map(textOf)[0],
  };
}

describe("citations", function () {
  this.timeout(60_000);

  const sources = ["provider", "sandbox", "test", "bench", "tools", "examples", ".ci"].flatMap((folder) =>
    filesBelow(folder, (path) => /\.[cm]?[jt]s$|\.sh$|^\.ci\//.test(path)),
  );
  const pages = [
    ...filesBelow("docs", (path) => path.endsWith(".md")),
    ...readdirSync(repositoryRoot).filter((name) => name.endsWith(".md")),
  ];

  it("name documents and numbers that exist, in the comments of every source", () => {
    const broken = sources.flatMap((path) => {
      const text = textOf(path);
      if (!text.includes(".md")) return [];
      const library = libraryFor(dirname(path));
      return commentsIn(path, text)
        .flatMap((comment) => brokenCitations(comment, library))
        .map((problem) => `${path}: ${problem}`);
    });

    assert.deepEqual(broken, []);
  });

  it("name documents and numbers that exist, in the prose of every page", () => {
    const broken = pages.flatMap((path) =>
      brokenCitations(proseIn(textOf(path)), libraryFor(dirname(path))).map(
        (problem) => `${path}: ${problem}`,
      ),
    );

    assert.deepEqual(broken, []);
  });

  it("name sources that exist, in design notes and facts", () => {
    const named = pages
      .filter((path) => /^docs\/(?:design|facts)\//.test(path))
      .flatMap((path) => sourcesIn(textOf(path)).map((source) => [path, source] as const));

    assert.ok(named.length > 10);
    assert.deepEqual(
      named.filter(([, source]) =>
        ["", "provider"].every((folder) => !existsSync(join(repositoryRoot, folder, source))),
      ),
      [],
    );
  });

  it("make up a good part of what the sources say about other programs", () => {
    const cited = sources
      .filter((path) => path.startsWith("provider/"))
      .flatMap((path) => commentsIn(path, textOf(path)).flatMap(citationsIn))
      .filter(({ document }) => document.startsWith("facts/"));

    assert.ok(cited.length > 80, `only ${cited.length}`);
  });
});

describe("docs/facts", () => {
  for (const name of facts) {
    it(`gives each fact of ${name} a number of its own, from one up`, () => {
      const page = textOf(`docs/facts/${name}`);
      const numbers = numbersIn(page).map(Number);

      assert.ok(numbers.length > 0);
      assert.deepEqual(
        numbers,
        numbers.toSorted((a, b) => a - b),
      );
      assert.equal(new Set(numbers).size, numbers.length);
      assert.equal([...page.matchAll(/^### /gm)].length, numbers.length, "a heading without a number");
    });
  }

  it("has every file in its table of contents", () => {
    const contents = textOf("docs/facts/README.md");

    assert.deepEqual(
      facts.filter((name) => !contents.includes(`](${name})`)),
      [],
    );
  });
});

describe("the reader of citations", () => {
  const library: Library = {
    read: (document) =>
      document === "facts/pruning.md" ? "# Pruning\n\n### 1. One\n\n### 12. Twelve\n" : undefined,
  };
  const rows: readonly (readonly [comment: string, problems: readonly string[]])[] = [
    ["Kept by its tag (facts/pruning.md 12).", []],
    ["See facts/pruning.md 1, 12 and the rest.", []],
    ["See facts/pruning.md.", []],
    ["As facts/pruning.md 1 to 12 say.", []],
    ["Kept (facts/pruning.md 2).", ["there is no number 2 in facts/pruning.md"]],
    ["Kept (facts/pruning.md 1.2).", ["there is no number 1.2 in facts/pruning.md"]],
    ["Kept (facts/pruning.md 1, 3).", ["there is no number 3 in facts/pruning.md"]],
    ["Kept (research.md 1.1).", ["there is no research.md"]],
    ["The table of notes/import.md.", ["there is no notes/import.md"]],
    ["Any *.md file, or one that ends in .md", []],
  ];

  for (const [comment, problems] of rows) {
    it(`finds ${problems.length === 0 ? "nothing wrong" : problems.join()} in "${comment}"`, () => {
      assert.deepEqual(brokenCitations(comment, library), problems);
    });
  }

  it("reads a citation that a comment breaks into two lines", () => {
    const source =
      "/**\n * Kept by its tag (facts/pruning.md\n * 12).\n */\nexport const a = `${1} // other.md`;\n";

    assert.deepEqual(commentsIn("a.ts", source).flatMap(citationsIn), [
      { document: "facts/pruning.md", numbers: ["12"] },
    ]);
  });

  it("overlooks documents in strings, and finds those behind code", () => {
    const source = 'const report = "plan.md"; // as facts/pruning.md 1 says\n';

    assert.deepEqual(commentsIn("a.ts", source).flatMap(citationsIn), [
      { document: "facts/pruning.md", numbers: ["1"] },
    ]);
  });

  it("reads the comments of scripts", () => {
    assert.deepEqual(commentsIn("run", "#!/bin/sh\n# see other.md\necho x.md\n").flatMap(citationsIn), [
      { document: "other.md", numbers: [] },
    ]);
  });

  it("leaves out the code of pages", () => {
    assert.deepEqual(citationsIn(proseIn("Write `plan.md`:\n```sh\ncat plan.md\n```\nsee other.md")), [
      { document: "other.md", numbers: [] },
    ]);
  });
});
