import { resolve } from "node:path";
import type { FileClaims } from "../../support/files/claims.js";
import { isSameFile } from "../../support/files/sameFile.js";
import { nameInUrn } from "../../support/text/spelling.js";
import type { PruneArgs } from "../args/parsed.js";

/**
 * Why the files of a policy cannot have their paths: another resource of the program writes them too, or a report would
 * overwrite an approved plan, in whatever spelling. Undefined when nothing prevents them.
 */
export function sharedReport(
  claims: FileClaims,
  urn: string,
  { planReport, approvedPlan }: Pick<PruneArgs, "planReport" | "approvedPlan">,
  baseFolder: string,
): string | undefined {
  const report = planReport === undefined ? undefined : resolve(baseFolder, planReport);
  const approved = approvedPlan === undefined ? undefined : resolve(baseFolder, approvedPlan);
  if (report !== undefined && approved !== undefined && isSameFile(report, approved)) {
    return `approvedPlan: ${approvedPlan} is the file that planReport: ${planReport} writes: every plan would approve itself. Give one of them another file [REPORT_NOT_WRITTEN]`;
  }
  const reader = report === undefined ? undefined : claims.readerOf(urn, report);
  if (reader !== undefined) {
    return `planReport: ${planReport} is the approvedPlan of the resource "${nameInUrn(reader)}" of this program, which it would overwrite. Give another file [REPORT_NOT_WRITTEN]`;
  }
  const writer = report === undefined ? undefined : claims.claim(urn, report);
  if (writer !== undefined) {
    return `planReport: ${planReport} is also written by the resource "${nameInUrn(writer)}" of this program. Give one of them another file [REPORT_NOT_WRITTEN]`;
  }
  const author = approved === undefined ? undefined : claims.read(urn, approved);
  if (author === undefined) return undefined;
  return `approvedPlan: ${approvedPlan} is written by the resource "${nameInUrn(author)}" of this program, so nobody has approved it. Give a copy that this program does not write [PRUNE_NOT_APPROVED]`;
}
