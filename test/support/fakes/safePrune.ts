import type { SafePolicy } from "../../../provider/prune/args/policy.js";
import type { SafePruneOutcome } from "../../../provider/prune/execute/outcome.js";
import { executeSafePrune } from "../../../provider/prune/execute/safe/prune.js";
import type { ProgressClock } from "../../../provider/support/progress.js";
import type { StreamFacts } from "../../../provider/usage/streamFacts.js";
import { image, item, planOf, pod, snapshot, stream, strictPolicy } from "../builders/snapshot.js";
import { type Hook, PruneCluster } from "./pruneCluster.js";

export const digestOf = (letter: string): string => `sha256:${letter.repeat(64)}`;
/** Two streams: `shop/api` is free to lose `x`, `shop/web` to lose `a`. */
export const [a, b, c, x, y] = ["a", "b", "c", "d", "e"].map(digestOf) as [
  string,
  string,
  string,
  string,
  string,
];
export const web = stream("shop/web", { latest: [item(b), item(a, 700)] });
const api = stream("shop/api", { latest: [item(y), item(x, 700)] });
export const ofImage = (digest: string) => [
  `blob layer-${digest}`,
  `blob config-${digest}`,
  `blob ${digest}`,
];

export function newCluster(): PruneCluster {
  return new PruneCluster(
    snapshot({
      images: [a, b, x, y].map((digest) => image(digest)),
      streams: [api, web],
      layerBytes: new Map([a, b, x, y].map((digest) => [`layer-${digest}`, 100])),
    }),
  );
}

export interface Settings {
  readonly hook?: Hook;
  readonly policy?: SafePolicy;
  readonly workers?: number;
  readonly signal?: AbortSignal;
  readonly clock?: () => number;
  readonly progress?: (line: string) => void;
  readonly progressClock?: ProgressClock;
}

/** Plans on the cluster as it is, and executes with what happens meanwhile. */
export async function run(cluster: PruneCluster, settings: Settings = {}): Promise<SafePruneOutcome> {
  const { policy = strictPolicy(), workers = 1, signal = new AbortController().signal } = settings;
  const { clock = () => 0, progress = () => undefined, progressClock, hook } = settings;
  const order = { plan: planOf(cluster.snapshot, policy), snapshot: cluster.snapshot, policy };
  if (hook !== undefined) cluster.hook = hook;
  return await executeSafePrune(order, cluster.ports, {
    workers,
    signal,
    clock,
    progress,
    progressClock,
    holder: "me",
  });
}

/** Does it once, before the first such call. */
export function once(call: string, change: (cluster: PruneCluster) => void): Hook {
  let isDone = false;
  return (seen, cluster) => {
    if (isDone || seen !== call) return;
    isDone = true;
    change(cluster);
  };
}

/** Before the call of that number (1 for the first) that reads so. */
export function atCall(call: string, count: number, change: (cluster: PruneCluster) => void): Hook {
  let seen = 0;
  return (each, cluster) => {
    if (each !== call) return;
    seen += 1;
    if (seen === count) change(cluster);
  };
}

export const fail = (message: string) => () => {
  throw new Error(message);
};
export const use = (digest: string) => (cluster: PruneCluster) => {
  const referrers = [...cluster.snapshot.referrers, pod(`mirror.example/any/path@${digest}`)];
  cluster.snapshot = { ...cluster.snapshot, referrers };
};
export const digestsIn = ({ snapshot: { streams } }: PruneCluster, wanted: string): readonly string[] =>
  streams.find(({ name }) => name === wanted)?.tags[0]?.items.map(({ digest }) => digest) ?? [];
export const withItem = (given: StreamFacts, digest: string, age: number): StreamFacts => ({
  ...given,
  tags: given.tags.map(({ tag, items }) => ({ tag, items: [item(digest, age), ...items] })),
});
