import { countOf } from "../support/text/wording.js";

interface Plan {
  readonly images?: number;
  readonly revisions?: number;
  readonly streams?: number;
  readonly frees?: string;
  readonly kept?: Readonly<Record<string, number>>;
}

type Inputs = Readonly<Record<string, unknown>>;

/**
 * `would prune 41 images, 96 revisions in 12 streams, frees 7.2 GB; spares 18 in use; out/prune.html`; of a policy that never
 * prunes with `reports only` before it.
 */
export function summarisePrune({ plan, planReport, mode }: Inputs): string {
  const report = typeof planReport === "string" ? `; ${planReport}` : "";
  const only = mode === "report" ? "reports only: " : "";
  if (typeof plan !== "object" || plan === null) return `what would be pruned is not known yet${report}`;
  const { images = 0, revisions = 0, streams = 0, frees = "", kept = {} } = plan as Plan;
  if (images + revisions === 0) return `${only}nothing to prune${report}`;
  const used = Object.entries(kept).reduce(
    (sum, [reason, count]) => sum + (reason.startsWith("a workload uses") ? count : 0),
    0,
  );
  const what = `${countOf(images, "image")}, ${countOf(revisions, "revision")} in ${countOf(streams, "stream")}, frees ${frees}`;
  const spared = used === 0 ? "" : `; spares ${used.toLocaleString("en-US")} in use`;
  return `${only}would prune ${what}${spared}${report}`;
}
