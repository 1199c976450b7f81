import type { ContentPool } from "../support/contentPool.js";
import { isObject, valueAt } from "../support/json.js";
import { readMentions, sourceOf } from "./mentions.js";
import { type Place, valuesAt } from "./place.js";
import { type BuildReferrer, type ImageSource, nameOf } from "./referrer.js";

/** Of several strategies the first counts, with or without a source, as for the server. */
const strategies = ["sourceStrategy", "dockerStrategy", "customStrategy"] as const;

const sources: readonly Place[] = [
  ["spec", "source", "images[]", "from"],
  ["spec", "output", "to"],
  ["spec", "triggers[]", "imageChange", "from"],
  ["spec", "triggeredBy[]", "imageChangeBuild", "fromRef"],
].map((path) => ({ path, content: "object reference", readByOc: false }));

/** The Dockerfile is read with whatever else the object says. */
export const buildPlaces: readonly Place[] = [
  ...strategies.map((strategy): Place => ({
    path: ["spec", "strategy", strategy, "from"],
    content: "object reference",
    readByOc: true,
  })),
  ...sources,
  { path: ["spec", "source", "dockerfile"], content: "Dockerfile", readByOc: false },
];

export function toBuildReferrer(
  kind: BuildReferrer["kind"],
  build: unknown,
  pool: ContentPool,
): BuildReferrer {
  const from = buildInput(build);
  const named = sources
    .flatMap(({ path }) => valuesAt(build, path))
    .map(sourceOf)
    .filter((source) => source !== undefined);
  return {
    kind,
    ...nameOf(build, pool),
    from: from === undefined ? undefined : pool.value(from),
    mentions: readMentions(build, { sources: named }, pool),
  };
}

/** What the strategy builds from. */
export function buildInput(build: unknown): ImageSource | undefined {
  const used = strategies.map((strategy) => valueAt(build, "spec", "strategy", strategy)).find(isObject);
  return sourceOf(valueAt(used, "from"));
}
