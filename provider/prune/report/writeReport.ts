import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ImageError } from "../../support/imageError.js";
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
  const target = resolve(baseFolder, path);
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

function notWritten(path: string, why: string, cause?: unknown): ImageError {
  return new ImageError(
    "REPORT_NOT_WRITTEN",
    `The plan report ${path} could not be written: ${why}. Choose another planReport, or make its folder writable.`,
    { cause },
  );
}
