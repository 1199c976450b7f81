import fc from "fast-check";
import type {
  KeepList,
  Retention,
  SafePolicy,
  StreamSelection,
} from "../../../provider/prune/args/policy.js";
import { digests, labels, namespaces } from "./universe.js";

const hour = 3600;

const noGlobs: fc.Arbitrary<readonly string[]> = fc.constant([]);
const rarely = (globs: readonly (readonly string[])[]) =>
  fc.oneof(
    { withCrossShrink: true },
    { weight: 5, arbitrary: noGlobs },
    { weight: 1, arbitrary: fc.constantFrom(...globs) },
  );

const selection = {
  namespaces: rarely([["a"], ["a", "b"], ["*"]]),
  streams: rarely([["a/web"], ["*/app"], ["b/*"]]),
  tags: rarely([["latest"], ["v*"], ["sha256-*"]]),
  labels: fc.oneof(
    { withCrossShrink: true },
    { weight: 8, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.constant(labels) },
  ),
};

const nothing: StreamSelection = { namespaces: [], streams: [], tags: [], labels: {} };

const selections: fc.Arbitrary<StreamSelection> = fc.oneof(
  { withCrossShrink: true },
  { weight: 3, arbitrary: fc.constant(nothing) },
  { weight: 1, arbitrary: fc.record(selection) },
);

const keepLists: fc.Arbitrary<KeepList> = fc.oneof(
  { withCrossShrink: true },
  { weight: 3, arbitrary: fc.constant({ ...nothing, digests: [] }) },
  {
    weight: 1,
    arbitrary: fc.record({ ...selection, digests: fc.array(fc.constantFrom(...digests), { maxLength: 2 }) }),
  },
);

const retentions: fc.Arbitrary<Retention> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("revisions" as const),
      keepYoungerThanSeconds: fc.constantFrom(hour, hour / 2, 0),
      keepTagRevisions: fc.constantFrom(0, 0, 1, 2, 3),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("over-size-limit" as const),
      keepYoungerThanSeconds: fc.constantFrom(hour, hour / 2, 0),
    }),
  },
);

/** Every combination of arguments under `rules: "safe"`; half of them restrict nothing. */
export const policies: fc.Arbitrary<SafePolicy> = fc.record({
  rules: fc.constant("safe" as const),
  namespace: fc.oneof(
    { withCrossShrink: true },
    { weight: 5, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...namespaces) },
  ),
  allImages: fc.oneof(
    { withCrossShrink: true },
    { weight: 3, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
  pruneRegistry: fc.oneof(
    { withCrossShrink: true },
    { weight: 5, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
  invalidRefs: fc.constantFrom("ignore", "wildcard", "fail"),
  keepUnreferencedYoungerThanSeconds: fc.constantFrom(0, 24 * hour, hour),
  select: selections,
  keep: keepLists,
  retention: retentions,
});
