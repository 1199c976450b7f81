import { resolve } from "node:path";
import { describeSystemError, findObstacle, readTextFile } from "../../support/files/place.js";
import { exists, followedLink, replaceText } from "../../support/files/replaceText.js";
import { isSameFile } from "../../support/files/sameFile.js";
import { ImageError } from "../../support/imageError.js";
import { plainJson } from "../../support/text/visible.js";
import { renderHtml } from "../report/html/page.js";
import { isOwnReport } from "../report/mark.js";
import { renderMarkdown } from "../report/markdown.js";
import type { PlanReport } from "../report/model.js";

/** By the extension of the report's path. */
const renderers: readonly (readonly [extension: RegExp, render: (report: PlanReport) => string])[] = [
  [/\.json$/i, renderJson],
  [/\.md$/i, renderMarkdown],
  [/\.html$/i, renderHtml],
];

/** The place of a report; paths as in the arguments. */
export interface ReportPlace {
  readonly planReport: string;
  /** Never overwritten. */
  readonly approvedPlan: string | undefined;
  /** The folder that relative paths start from. */
  readonly baseFolder: string;
}

/**
 * Writes the report in the format of its extension and makes its folder. A reader of the path finds the old report or the new
 * one, never half of one.
 *
 * @throws ImageError REPORT_NOT_WRITTEN
 */
export async function writeReport(
  { planReport: path, approvedPlan, baseFolder }: ReportPlace,
  report: PlanReport,
): Promise<void> {
  const render = renderers.find(([extension]) => extension.test(path))?.[1];
  if (render === undefined) throw notWritten(path, "the path must end in .json, .md or .html");
  const target = await requireReportPlace(path, baseFolder);
  // Links may have appeared since `requireReportPlace`.
  if (approvedPlan !== undefined && isSameFile(target, resolve(baseFolder, approvedPlan))) {
    throw notWritten(path, `it is the file of approvedPlan: ${approvedPlan}`);
  }
  try {
    await replaceText(target, render(report));
  } catch (error) {
    throw notWritten(path, error instanceof Error ? error.message : String(error), error);
  }
}

/**
 * Answers the report's path, with a link there followed. To be called before planning, which may take minutes.
 * @throws ImageError REPORT_NOT_WRITTEN: something is in the way, such as a file that is no report
 */
export async function requireReportPlace(path: string, baseFolder: string): Promise<string> {
  const named = resolve(baseFolder, path);
  const target = await followedLink(named);
  const obstacle = await findObstacle(target, { makesFolders: true }).catch((error: unknown) => {
    throw notWritten(path, `it ${describeSystemError(error)}`, error);
  });
  if (obstacle?.kind === "refused") throw notWritten(path, `it ${obstacle.why}`);
  if (!exists(target)) return target;
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

/** The report as JSON that `parseApprovedPlan` reads; the same report is always the same text. */
export function renderJson(report: PlanReport): string {
  return `${plainJson(report, 2)}\n`;
}
