interface Plan {
  readonly images?: number;
  readonly revisions?: number;
  readonly streams?: number;
  readonly frees?: string;
  readonly kept?: Readonly<Record<string, number>>;
}

type Inputs = Readonly<Record<string, unknown>>;

/**
 * `would prune 41 images, 96 revisions in 12 streams, frees 7.2 GB; spares 18 in use; out/prune.html`;
 * undefined when nothing would go and nothing else is to be said.
 */
export function summarisePrune(inputs: Inputs): string | undefined {
  const { plan, planReport, mode } = inputs;
  const report = typeof planReport === "string" ? `; ${planReport}` : "";
  if (typeof plan !== "object" || plan === null) return `what would be pruned is not known yet${report}`;
  const { images = 0, revisions = 0, streams = 0, frees = "", kept = {} } = plan as Plan;
  if (images + revisions === 0) return `nothing to prune${report}`;
  const used = Object.entries(kept).reduce(
    (sum, [reason, count]) => sum + (reason.startsWith("a workload uses") ? count : 0),
    0,
  );
  const what = `${count(images, "image")}, ${count(revisions, "revision")} in ${count(streams, "stream")}, frees ${frees}`;
  const spared = used === 0 ? "" : `; spares ${used.toLocaleString("en-US")} in use`;
  return `${mode === "report" ? "reports only: would prune" : "would prune"} ${what}${spared}${report}`;
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString("en-US")} ${noun}${number === 1 ? "" : "s"}`;
}
