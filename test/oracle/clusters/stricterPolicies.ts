import type { SafePolicy } from "../../../provider/prune/args/policy.js";
import { digests, labels } from "./universe.js";

/** Changes of a policy that must never make it delete more. */
export const stricterPolicies: readonly {
  readonly name: string;
  readonly apply: (policy: SafePolicy) => SafePolicy;
}[] = [
  {
    name: "a longer keepYoungerThan",
    apply: (policy) => {
      const keepYoungerThanSeconds = policy.retention.keepYoungerThanSeconds + 1800;
      return { ...policy, retention: { ...policy.retention, keepYoungerThanSeconds } };
    },
  },
  {
    name: "a larger keepTagRevisions",
    apply: (policy) => {
      if (policy.retention.kind === "over-size-limit") return policy;
      const keepTagRevisions = policy.retention.keepTagRevisions + 1;
      return { ...policy, retention: { ...policy.retention, keepTagRevisions } };
    },
  },
  {
    name: "a longer keepUnreferencedYoungerThan",
    apply: (policy) => ({
      ...policy,
      keepUnreferencedYoungerThanSeconds: policy.keepUnreferencedYoungerThanSeconds + 1440 * 60,
    }),
  },
  { name: "allImages: false", apply: (policy) => ({ ...policy, allImages: false }) },
  { name: "pruneRegistry: false", apply: (policy) => ({ ...policy, pruneRegistry: false }) },
  {
    name: "a namespace",
    apply: (policy) => ({ ...policy, namespace: policy.namespace ?? "a" }),
  },
  { name: "invalidRefs: fail", apply: (policy) => ({ ...policy, invalidRefs: "fail" }) },
  {
    name: "invalidRefs: wildcard instead of ignore",
    apply: (policy) => ({
      ...policy,
      invalidRefs: policy.invalidRefs === "ignore" ? "wildcard" : policy.invalidRefs,
    }),
  },
  ...(["namespaces", "streams", "tags"] as const).flatMap((list) => [
    {
      name: `select.${list}`,
      apply: (policy: SafePolicy) => {
        const globs = { namespaces: ["a"], streams: ["*/web"], tags: ["v*"] }[list];
        const narrower = policy.select[list].length === 0 ? globs : policy.select[list].slice(0, 1);
        return { ...policy, select: { ...policy.select, [list]: narrower } };
      },
    },
    {
      name: `keep.${list}`,
      apply: (policy: SafePolicy) => {
        const more = { namespaces: "a", streams: "*/web", tags: "v*" }[list];
        return { ...policy, keep: { ...policy.keep, [list]: [...policy.keep[list], more] } };
      },
    },
  ]),
  { name: "select.labels", apply: (policy) => ({ ...policy, select: { ...policy.select, labels } }) },
  { name: "keep.labels", apply: (policy) => ({ ...policy, keep: { ...policy.keep, labels } }) },
  {
    name: "keep.digests",
    apply: (policy) => {
      const more = [digests[0]!, digests[3]!];
      return { ...policy, keep: { ...policy.keep, digests: [...policy.keep.digests, ...more] } };
    },
  },
];
