import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, realpath, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ImageError } from "../../support/imageError.js";
import { describeSystemError, findObstacle, readTextFile } from "../../support/filePlace.js";
import { isOwnReport } from "./ownReport.js";
import type { PlanReport } from "./planReport.js";
import { renderHtml } from "./renderHtml.js";
import { renderJson } from "./renderJson.js";
import { renderMarkdown } from "./renderMarkdown.js";

/** By the extension of the report's path. */
const renderers: readonly (readonly [extension: RegExp, render: (report: PlanReport) => string])[] = [
  [/\.json$/i, renderJson],
  [/\.md$/i, renderMarkdown],
  [/\.html$/i, renderHtml],
];

/**
 * Writes the report in the format of its extension and makes the folder that it names. Whoever reads the path meanwhile
 * finds the report before it or this one, never half of one.
 *
 * @param baseFolder what a relative path starts from
 * @throws ImageError REPORT_NOT_WRITTEN
 */
export async function writeReport(path: string, report: PlanReport, baseFolder: string): Promise<void> {
  const render = renderers.find(([extension]) => extension.test(path))?.[1];
  if (render === undefined) throw notWritten(path, "the path must end in .json, .md or .html");
  const target = await requireReportPlace(path, baseFolder);
  const unfinished = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
  try {
    await mkdir(dirname(target), { recursive: true });
    await writeFile(unfinished, render(report), { flag: "wx" });
    await rename(unfinished, target);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw notWritten(path, error instanceof Error ? error.message : String(error), error);
  }
}

/**
 * Answers where the report goes, a link there followed. To be asked before a plan is made, which may take minutes.
 * @throws ImageError REPORT_NOT_WRITTEN: something is in the way, such as a file that is no report
 */
export async function requireReportPlace(path: string, baseFolder: string): Promise<string> {
  const named = resolve(baseFolder, path);
  const target = await realpath(named).catch(() => named);
  const obstacle = await findObstacle(target, { makesFolders: true }).catch((error: unknown) => {
    throw notWritten(path, `it ${describeSystemError(error)}`, error);
  });
  if (obstacle?.kind === "refused") throw notWritten(path, `it ${obstacle.why}`);
  if (!existsSync(target)) return target;
  const found = readTextFile(target);
  if (!found.ok) throw notWritten(path, `what stands there ${found.why}`);
  if (isOwnReport(found.text)) return target;
  throw notWritten(path, "the file that stands there is no plan report, and is never overwritten");
}

function notWritten(path: string, why: string, cause?: unknown): ImageError {
  return new ImageError(
    "REPORT_NOT_WRITTEN",
    `planReport: ${path} could not be written: ${why}. Choose another planReport, or move away what is in the way`,
    { cause },
  );
}
