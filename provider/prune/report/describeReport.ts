import { countOf } from "../../support/count.js";
import type { PlanInput } from "../plan/planInput.js";

/**
 * `reports only: would prune 41 images, 96 revisions in 12 streams, frees 7.2 GB; out/prune.html`: what a policy that never
 * prunes says in every run.
 */
export function describeReport(
  { images, revisions, streams, frees }: PlanInput,
  planReport: unknown,
): string {
  const file = typeof planReport === "string" ? `; ${planReport}` : "";
  if (images + revisions === 0) return `reports only: nothing to prune${file}`;
  const what = `${countOf(images, "image")}, ${countOf(revisions, "revision")} in ${countOf(streams, "stream")}`;
  return `reports only: would prune ${what}, frees ${frees}${file}`;
}
