import { z } from "zod";
import { isSha256Digest } from "../../oci/digest.js";
import { parseRegistryUrl } from "../../oci/names/registryUrl.js";
import { type Parsed, parsedArguments } from "../../support/arguments/parsed.js";
import { dnsLabel } from "../../support/text/dnsLabel.js";
import { parseByteSize, parseDuration, parseInstant } from "../../support/text/units.js";
import { withCurrentName } from "./earlierNames.js";
import { meaningIssues } from "./meaning.js";
import { forcibleObjections, type PruneArgs } from "./parsed.js";
import type { KeepList, PrunePolicy, Retention, StreamSelection } from "./policy.js";

const minutes = 60;

/** A duration; a bare number is in minutes, as in the Ansible module. */
const age = z
  .union([z.string(), z.number()])
  .transform((value) => parseDuration(typeof value === "number" ? value * minutes : value))
  .refine((seconds) => seconds !== undefined, {
    error: 'is not a duration ("60m", "720h", "30d", or a number of minutes)',
  });
const timeout = z.union([z.string(), z.number()]).refine((value) => parseDuration(value) !== undefined, {
  error: 'is not a duration ("90s", "10m", or a number of seconds)',
});
const count = z.int({ error: "is not a whole number of 0 or more" }).min(0, {
  error: "is not a whole number of 0 or more",
});
const size = z
  .union([z.string(), z.number()])
  .transform((value) => parseByteSize(value))
  .refine((bytes) => bytes !== undefined, {
    error: 'is not a size ("500MB", "50GiB", or a number of bytes)',
  });
const names = z.array(z.string()).default([]);
const labels = z.record(z.string(), z.string()).default({});
const digest = z.string().refine(isSha256Digest, { error: "is not a digest (sha256: and 64 hex digits)" });
const registryUrl = z.string().transform((text, context) => {
  const verdict = parseRegistryUrl(text);
  if (verdict.ok) return verdict.url;
  context.addIssue(verdict.reason);
  return z.NEVER;
});

const selection = {
  namespaces: names,
  streams: z
    .array(
      z.string().regex(/^[^/]+\/[^/]+$/, { error: 'is not "namespace/name" (globs are allowed in both)' }),
    )
    .default([]),
  tags: names,
  labels,
};

const schema = z.strictObject({
  mode: z.enum(["prune", "report"]).default("prune"),
  rules: z.enum(["safe", "oc"]).default("safe"),
  namespace: z
    .string()
    .regex(dnsLabel, { error: 'is not a valid namespace name (lower case letters, digits, "-")' })
    .optional(),
  allImages: z.boolean().default(true),
  keepYoungerThan: age.optional(),
  keepTagRevisions: count.optional(),
  keepUnreferencedYoungerThan: age.optional(),
  pruneOverSizeLimit: z.boolean().default(false),
  pruneRegistry: z.boolean().default(true),
  registry: z
    .strictObject({
      url: registryUrl.optional(),
      caCert: z.string().optional(),
      skipTlsVerify: z.boolean().default(false),
    })
    .prefault({}),
  invalidRefs: z.enum(["fail", "ignore", "wildcard"]).default("fail"),
  select: z.strictObject(selection).prefault({}),
  keep: z.strictObject({ ...selection, digests: z.array(digest).default([]) }).prefault({}),
  limits: z
    .strictObject({
      images: count.optional(),
      revisions: count.optional(),
      bytes: size.optional(),
      fraction: z
        .number()
        .min(0, { error: "is not a number from 0 to 1" })
        .max(1, { error: "is not a number from 0 to 1" })
        .optional(),
    })
    .prefault({}),
  extraReferences: z
    .array(z.strictObject({ apiVersion: z.string(), kind: z.string(), jsonPath: z.string().optional() }))
    .default([]),
  allowUnreadable: names,
  skipKinds: names,
  approvedPlan: z.string().optional(),
  approvedFingerprint: digest.optional(),
  planReport: z.string().optional(),
  force: z.array(z.enum(forcibleObjections)).default([]),
  asOf: z
    .string()
    .transform(parseInstant)
    .refine((instant) => instant !== undefined, {
      error: "is not an instant like 2026-11-21T08:00:00Z",
    })
    .optional(),
  workers: z.int().min(1).max(64).default(5),
  triggers: z.array(z.unknown()).default([]),
  timeouts: z.strictObject({ check: timeout, create: timeout, update: timeout }).partial().optional(),
});

type Inputs = z.infer<typeof schema>;

/** The arguments as a program writes them, without the connection. */
export type PolicyInputs = z.input<typeof schema>;

/** Parses the arguments of an ImagePrunePolicy, without the connection, and reports all issues at once. */
export function parseArgs(inputs: unknown): Parsed<PruneArgs> {
  const parsed = parsedArguments(schema, inputs, meaningIssues(inputs), pruneArgs);
  return parsed.ok ? parsed : { ok: false, issues: parsed.issues.map(withCurrentName) };
}

function pruneArgs(inputs: Inputs): PruneArgs {
  return {
    mode: inputs.mode,
    policy: policyOf(inputs),
    registry: {
      url: inputs.registry.url,
      caCert: inputs.registry.caCert,
      skipTlsVerify: inputs.registry.skipTlsVerify,
    },
    limits: {
      images: inputs.limits.images,
      revisions: inputs.limits.revisions,
      bytes: inputs.limits.bytes,
      fraction: inputs.limits.fraction ?? (inputs.rules === "safe" ? defaultFraction : undefined),
    },
    extraReferences: inputs.extraReferences,
    allowUnreadable: inputs.allowUnreadable,
    skipKinds: inputs.skipKinds,
    approvedPlan: inputs.approvedPlan,
    approvedFingerprint: inputs.approvedFingerprint,
    planReport: inputs.planReport,
    force: inputs.force,
    asOf: inputs.asOf,
    workers: inputs.workers,
    triggers: inputs.triggers,
  };
}

/** Half of what exists: a plan for more is probably a mistake. */
const defaultFraction = 0.5;
const defaultAgeSeconds = 60 * minutes;
const defaultUnreferencedAgeSeconds = 24 * 60 * minutes;

function policyOf(inputs: Inputs): PrunePolicy {
  const common = {
    namespace: inputs.namespace,
    allImages: inputs.allImages,
    pruneRegistry: inputs.pruneRegistry,
    retention: retentionOf(inputs),
  };
  switch (inputs.rules) {
    case "oc":
      return { rules: "oc", ...common, ignoreInvalidRefs: inputs.invalidRefs === "ignore" };
    case "safe":
      return {
        rules: "safe",
        ...common,
        invalidRefs: inputs.invalidRefs,
        keepUnreferencedYoungerThanSeconds:
          inputs.keepUnreferencedYoungerThan ?? defaultUnreferencedAgeSeconds,
        select: selectionOf(inputs.select),
        keep: keepListOf(inputs.keep),
      };
  }
}

function retentionOf(inputs: Inputs): Retention {
  const keepYoungerThanSeconds = inputs.keepYoungerThan ?? defaultAgeSeconds;
  if (inputs.pruneOverSizeLimit) return { kind: "over-size-limit", keepYoungerThanSeconds };
  return { kind: "revisions", keepYoungerThanSeconds, keepTagRevisions: inputs.keepTagRevisions ?? 3 };
}

function selectionOf({ namespaces, streams, tags, labels: wanted }: Inputs["select"]): StreamSelection {
  return { namespaces, streams, tags, labels: wanted };
}

function keepListOf(keep: Inputs["keep"]): KeepList {
  return { ...selectionOf(keep), digests: keep.digests };
}
