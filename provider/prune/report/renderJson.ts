import type { PlanReport } from "./planReport.js";
import { plainJson } from "../../support/visibleText.js";

/** The report as JSON that `parseApprovedPlan` reads; the same report is always the same text. */
export function renderJson(report: PlanReport): string {
  return `${plainJson(report, 2)}\n`;
}
