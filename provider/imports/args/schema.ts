import { z } from "zod";
import { dnsLabel } from "../../support/text/dnsLabel.js";
import { parseRegistryUrl } from "../../oci/names/registryUrl.js";
import { type ArgumentIssue, type Parsed, parsedArguments } from "../../support/arguments/parsed.js";
import { byText } from "../../support/text/spelling.js";
import { parseDuration } from "../../support/text/units.js";
import { type DesiredStream, insecureAnnotation, type Reimported } from "./desiredStream.js";
import { tagOfSource } from "./image.js";
import { meaningIssues } from "./meaning.js";
import { desiredPullSecret, pullSecretArguments } from "./pullSecret/schema.js";
import { desiredRepository, repositorySchema } from "./repositorySchema.js";
import { streamNames } from "./sources.js";
import { desiredTag, policies, tagSchema, texts } from "./tagSchema.js";

const durationText = z.union([z.string(), z.number()]).refine((value) => parseDuration(value) !== undefined, {
  error: 'is not a duration ("90s", "10m", or a number of seconds)',
});

const registryUrl = z.string().transform((text, context) => {
  const verdict = parseRegistryUrl(text);
  if (verdict.ok) return verdict.url;
  context.addIssue(verdict.reason);
  return z.NEVER;
});

const schema = z.strictObject({
  namespace: z
    .string()
    .regex(dnsLabel, {
      error: (issue) =>
        `${quote(issue.input)} is not a valid namespace name (lower case letters, digits, "-")`,
    })
    .optional(),
  name: z.string().regex(streamNames, {
    error: (issue) =>
      `${quote(issue.input)} is not a valid image stream name (lower case letters, digits, single ".", "_" or "-" between them)`,
  }),
  source: z.string().optional(),
  tags: z.record(z.string(), tagSchema).optional(),
  repository: repositorySchema.optional(),
  ...policies,
  labels: texts.optional(),
  annotations: texts.optional(),
  lookupLocal: z.boolean().optional(),
  insecureRepository: z.boolean().optional(),
  sourceRepository: z.string().optional(),
  reimport: z.union([z.boolean(), z.array(z.string())]).optional(),
  ...pullSecretArguments,
  trackUpstream: z.enum(["pinned", "report", "follow"]).default("pinned"),
  adopt: z.boolean().default(false),
  onDestroy: z.enum(["owned", "stream", "keep"]).default("owned"),
  deleteInUse: z.boolean().default(false),
  integratedRegistry: z
    .strictObject({
      url: registryUrl.optional(),
      caCert: z.string().optional(),
      skipTlsVerify: z.boolean().default(false),
    })
    .prefault({}),
  triggers: z.array(z.unknown()).default([]),
  timeouts: z
    .strictObject({ check: durationText, create: durationText, update: durationText, delete: durationText })
    .partial()
    .optional(),
});

type Inputs = z.infer<typeof schema>;

/** The arguments as a program writes them, without the connection. */
export type StreamInputs = z.input<typeof schema>;

/**
 * Parses the arguments of an ImportedImageStream, without the connection, and reports all issues at once, `further` ones too.
 */
export function parseArgs(inputs: unknown, further: readonly ArgumentIssue[] = []): Parsed<DesiredStream> {
  return parsedArguments(schema, inputs, [...meaningIssues(inputs), ...further], desiredStream);
}

function desiredStream(args: Inputs): DesiredStream {
  const declared = new Map(Object.entries(args.tags ?? {}));
  const sourceTag = args.source === undefined ? undefined : tagOfSource(args.source);
  if (args.source !== undefined && sourceTag !== undefined) declared.set(sourceTag, { image: args.source });
  const annotations = streamAnnotations(args);
  const insecure = args.insecure ?? annotations[insecureAnnotation] === "true";
  const tags = [...declared].map(([name, tag]) => desiredTag(name, tag, { ...args, insecure }, args));
  return {
    namespace: args.namespace,
    name: args.name,
    labels: args.labels ?? {},
    annotations,
    lookupLocal: args.lookupLocal,
    tags: tags.sort((a, b) => byText(a.name, b.name)),
    repository: args.repository === undefined ? undefined : desiredRepository(args.repository, args),
    selected: [],
    pullSecret: desiredPullSecret(args, args.name),
    trackUpstream: args.trackUpstream,
    adopt: args.adopt,
    onDestroy: args.onDestroy,
    deleteInUse: args.deleteInUse,
    integratedRegistry: {
      url: args.integratedRegistry.url,
      caCert: args.integratedRegistry.caCert,
      skipTlsVerify: args.integratedRegistry.skipTlsVerify,
    },
    reimport: reimported(args.reimport),
    sourceRepository: args.sourceRepository,
    triggers: args.triggers,
  };
}

/** A storing import ignores the annotation, as `oc import-image` does not (facts/importing.md 9). */
function streamAnnotations({ annotations, insecureRepository }: Inputs): Readonly<Record<string, string>> {
  return {
    ...annotations,
    ...(insecureRepository === undefined ? {} : { [insecureAnnotation]: String(insecureRepository) }),
  };
}

function reimported(given: Inputs["reimport"]): Reimported {
  if (typeof given === "boolean") return given ? "all" : "none";
  return given === undefined || given.length === 0 ? "none" : [...new Set(given)].sort();
}

function quote(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
