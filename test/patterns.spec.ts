import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Worker } from "node:worker_threads";
import ts from "typescript";
import { hostileTexts, ofLength } from "./support/builders/hostileTexts.js";
import { repositoryRoot } from "./support/repositoryRoot.js";

interface Pattern {
  readonly where: string;
  readonly source: string;
  readonly flags: string;
}

/** What a pattern takes that needs time in proportion to the length takes less than a millisecond for it. */
const lengths = [20, 4_000] as const;
const suspectMs = 4;
/** Of these, one that needs the square of the length takes minutes. */
const longLength = 400_000;

/** They put together what they look for; each has tests of its own with hostile texts. */
const composed = new Set([
  "provider/support/text/redact.ts",
  "provider/containerEngine/answer.ts",
  "provider/registry/auth/challenge.ts",
  // Of the user, and stopped after two seconds: test/unit/support/text/patterns.spec.ts.
  "provider/support/text/patterns.ts",
]);

function sourcesIn(folder: string): readonly string[] {
  return readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(repositoryRoot, folder, file));
}

function patternsIn(file: string): { readonly literals: readonly Pattern[]; readonly isComposing: boolean } {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const literals: Pattern[] = [];
  let isComposing = false;
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf("/");
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      literals.push({
        where: `${relative(repositoryRoot, file)}:${line}`,
        source: node.text.slice(1, end),
        flags: node.text.slice(end + 1),
      });
    }
    const isRegExp =
      (ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === "RegExp";
    isComposing ||= isRegExp;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { literals, isComposing };
}

function take({ source, flags }: Pattern, text: string): void {
  text.replace(new RegExp(source, flags), "");
}

/** A text of the long length that the pattern may be slow for, to be tried where it can be stopped. */
function suspect(pattern: Pattern): string | undefined {
  const texts = hostileTexts(pattern.source);
  for (const length of lengths) {
    const found = texts.find((text) => isSlow(pattern, ofLength(text, length)));
    if (found !== undefined) return ofLength(found, longLength);
  }
  return undefined;
}

function isSlow(pattern: Pattern, text: string): boolean {
  return [0, 1].every(() => {
    const begin = performance.now();
    take(pattern, text);
    return performance.now() - begin > suspectMs;
  });
}

async function ends(pattern: Pattern, text: string, withinMs: number): Promise<boolean> {
  const code = `const { workerData: { source, flags, text } } = require("node:worker_threads");
    text.replace(new RegExp(source, flags), "");`;
  const worker = new Worker(code, { eval: true, workerData: { ...pattern, text } });
  return await new Promise<boolean>((resolve, reject) => {
    const timer = setTimeout(() => {
      resolve(false);
      void worker.terminate();
    }, withinMs);
    worker.once("error", reject);
    worker.once("exit", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

describe("Patterns in provider/ and sandbox/", () => {
  const files = [...sourcesIn("provider"), ...sourcesIn("sandbox/src")].map((file) => ({
    file,
    ...patternsIn(file),
  }));
  const all = files.flatMap(({ literals }) => literals);

  it("are found", () => assert.ok(all.length > 200, String(all.length)));

  it("need time in proportion to the length of a text, whatever a server, a file or a tenant puts into it", async () => {
    const slow: string[] = [];
    for (const pattern of all) {
      const text = suspect(pattern);
      if (text !== undefined && !(await ends(pattern, text, 10_000))) {
        slow.push(`${pattern.where}: /${pattern.source}/ on ${JSON.stringify(`${text.slice(0, 30)}…`)}`);
      }
    }
    assert.deepEqual(slow, []);
  }).timeout(600_000);

  it("are put together only where tests of their own show the same", () => {
    const composing = files
      .filter(({ isComposing }) => isComposing)
      .map(({ file }) => relative(repositoryRoot, file))
      .filter((file) => file.startsWith("provider"));
    assert.deepEqual(
      composing.filter((file) => !composed.has(file)),
      [],
    );
  });

  it("would be noticed when they are slow", async () => {
    for (const source of ["^(?:a+)+1$", "^\\d+\\.?\\d*$", "\\s+#.*$", "[.:]\\d*.*\\/", "\\/+$", "@.*$"]) {
      assert.notEqual(suspect({ where: "here", source, flags: "" }), undefined, source);
    }
    const quadratic = { where: "here", source: "@.*$", flags: "" };
    assert.equal(await ends(quadratic, `${"@".repeat(longLength)}\n`, 3_000), false);
  }).timeout(120_000);
});
