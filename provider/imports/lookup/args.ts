import { z } from "zod";
import { importSource } from "../../oci/names/importSource.js";
import { parsePlatform, type Platform } from "../../oci/platform.js";
import type { ImportMode } from "../../okd/imageStream.js";
import { dnsLabel } from "../../support/text/dnsLabel.js";
import { type ArgumentIssue, type Parsed, parsedArguments } from "../../support/arguments/parsed.js";
import { objectAt } from "../../support/json.js";

/** Which image, in the cluster's words. */
export interface ImageQuestion {
  readonly image: string;
  readonly namespace: string | undefined;
  readonly insecure: boolean;
  readonly importMode: ImportMode | undefined;
  readonly platform: Platform | undefined;
}

/** `id` is a whole digest, or the beginning of one with or without its algorithm, never empty. */
export interface StreamImageQuestion {
  readonly namespace: string | undefined;
  readonly stream: string;
  readonly id: string;
}

export interface StreamTagQuestion {
  readonly namespace: string | undefined;
  readonly stream: string;
  readonly tag: string;
}

const unknownKey = "is not an argument of this function";

const namespace = z
  .string()
  .regex(dnsLabel, {
    error: 'is not a valid namespace name (lower case letters, digits, "-")',
  })
  .optional();

const imageSchema = z.strictObject({
  image: z.string(),
  namespace,
  insecure: z.boolean().default(false),
  importMode: z.enum(["Legacy", "PreserveOriginal"]).optional(),
  platform: z
    .string()
    .refine((text) => parsePlatform(text) !== undefined, {
      error: 'is not a platform, like "linux/amd64" or "linux/arm64/v8"',
    })
    .optional(),
});

export function parseImageQuestion(inputs: unknown): Parsed<ImageQuestion> {
  return parsedArguments(
    imageSchema,
    inputs,
    imageIssues(inputs),
    (args) => ({
      image: args.image,
      namespace: args.namespace,
      insecure: args.insecure,
      importMode: args.importMode,
      platform: args.platform === undefined ? undefined : parsePlatform(args.platform),
    }),
    unknownKey,
  );
}

function imageIssues(inputs: unknown): readonly ArgumentIssue[] {
  const { image, platform, importMode } = objectAt(inputs);
  const source = typeof image === "string" ? importSource(image) : undefined;
  const issues: ArgumentIssue[] = [];
  if (source?.ok === false) issues.push({ path: ["image"], message: source.reason });
  if (platform !== undefined && importMode !== undefined) {
    const message = "has no meaning beside platform, which chooses one image";
    issues.push({ path: ["importMode"], message });
  }
  return issues;
}

const streamImageName = /^([a-z0-9]+(?:[._-][a-z0-9]+)*)@((?:sha256:)?[0-9a-f]{1,64})$/;
const streamTagName = /^([a-z0-9]+(?:[._-][a-z0-9]+)*):(\w[\w.-]{0,127})$/;

const streamImageSchema = z.strictObject({
  namespace,
  name: z.string().regex(streamImageName, {
    error: 'is no image of a stream: write "web@sha256:…" with the digest, or at least one digit of it',
  }),
});

/** The server answers an empty beginning with some image (facts/image-streams.md 21), so none passes. */
export function parseStreamImageQuestion(inputs: unknown): Parsed<StreamImageQuestion> {
  return parsedArguments(
    streamImageSchema,
    inputs,
    [],
    (args) => {
      const [, stream = "", id = ""] = streamImageName.exec(args.name) ?? [];
      return { namespace: args.namespace, stream, id };
    },
    unknownKey,
  );
}

const streamTagSchema = z.strictObject({
  namespace,
  name: z.string().regex(streamTagName, { error: 'is no tag of a stream: write "web:v1"' }),
});

export function parseStreamTagQuestion(inputs: unknown): Parsed<StreamTagQuestion> {
  return parsedArguments(
    streamTagSchema,
    inputs,
    [],
    (args) => {
      const [, stream = "", tag = ""] = streamTagName.exec(args.name) ?? [];
      return { namespace: args.namespace, stream, tag };
    },
    unknownKey,
  );
}
