import { accessSync, appendFileSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Path of a program on PATH. */
export function findProgram(name: string): string | undefined {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/**
 * For `before` of a suite that runs real programs: without them the suite is skipped and noted in the file that
 * SKIP_REPORT names, a line `name<TAB>what is missing` each. With REQUIRE_REAL=1 it fails instead.
 */
export function requireReal(context: Mocha.Context, suite: string, programs: readonly string[]): void {
  const missing = programs.filter((name) => findProgram(name) === undefined);
  if (missing.length === 0) return;
  const what = missing.join(", ");
  if (process.env.REQUIRE_REAL === "1") throw new Error(`${suite}: not installed here: ${what}`);
  if (process.env.SKIP_REPORT !== undefined) appendFileSync(process.env.SKIP_REPORT, `${suite}\t${what}\n`);
  context.skip();
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
