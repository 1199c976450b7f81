import { z } from "zod";
import { readStreamName, tagOf, withoutUserinfo, withTag } from "../../oci/names/images.js";
import { parseRegistryUrl } from "../../oci/names/registryUrl.js";
import { formatPlatform, parsePlatform } from "../../oci/platform.js";
import { type ArgumentIssue, type Parsed, parsedArguments } from "../../support/arguments/parsed.js";
import { parseDuration } from "../../support/text/units.js";
import { meaningIssues } from "./meaning.js";
import type { ArchiveArgs, ImageRequest } from "./parsed.js";

const platform = z
  .string()
  .transform(parsePlatform)
  .refine((parsed) => parsed !== undefined, {
    error: 'is not a platform like "linux/arm64" or "linux/arm/v7"',
  });
const timeout = z.union([z.string(), z.number()]).refine((value) => parseDuration(value) !== undefined, {
  error: 'is not a duration ("90s", "10m", or a number of seconds)',
});
const octal = z
  .string()
  .regex(/^0?[0-7]{3}$/, { error: 'is not a file mode like "0600"' })
  .transform((text) => Number.parseInt(text, 8));

const streamHandle = z.strictObject({
  namespace: z.string().optional(),
  name: z.string(),
  tag: z.string(),
  digest: z.string().optional(),
});

const image = z.preprocess(
  (value) => (typeof value === "string" ? { registry: value } : value),
  z.strictObject({
    registry: z.string().optional(),
    engine: z.string().optional(),
    stream: z.union([z.string(), streamHandle]).optional(),
    platforms: z.array(platform).optional(),
    as: z.string().optional(),
  }),
);

const tls = {
  caCert: z.string().optional(),
  clientCert: z.string().optional(),
  clientKey: z.string().optional(),
};

const registryUrl = z.string().transform((text, context) => {
  const verdict = parseRegistryUrl(text);
  if (verdict.ok) return verdict.url;
  context.addIssue(verdict.reason);
  return z.NEVER;
});

const schema = z.strictObject({
  path: z.string(),
  images: z.array(image).min(1, { error: "needs at least one image" }),
  tag: z.string().default("latest"),
  platforms: z.array(platform).optional(),
  engine: z
    .strictObject({
      host: z.string().optional(),
      context: z.string().optional(),
      ...tls,
      skipTlsVerify: z.boolean().default(false),
      tlsHostname: z.string().optional(),
      apiVersion: z.string().optional(),
      timeoutSeconds: z.number().positive().optional(),
    })
    .prefault({}),
  registries: z
    .record(
      z.string(),
      z.strictObject({
        username: z.string().optional(),
        password: z.string().optional(),
        token: z.string().optional(),
        ...tls,
        insecure: z.boolean().default(false),
        mirrors: z.array(z.string()).default([]),
      }),
    )
    .default({}),
  integratedRegistry: z
    .strictObject({
      url: registryUrl.optional(),
      caCert: z.string().optional(),
      skipTlsVerify: z.boolean().default(false),
      username: z.string().optional(),
      password: z.string().optional(),
      token: z.string().optional(),
    })
    .prefault({}),
  format: z.enum(["docker-archive", "oci-archive", "engine"]).optional(),
  compression: z.enum(["none", "gzip", "zstd"]).default("none"),
  fileMode: octal.prefault("0600"),
  createDirectories: z.boolean().default(false),
  overwriteUnmanaged: z.boolean().default(false),
  onDestroy: z.enum(["delete", "keep"]).default("delete"),
  onMissing: z.enum(["export", "ignore"]).default("export"),
  manifest: z.boolean().default(false),
  verify: z.enum(["stat", "digest"]).default("stat"),
  triggers: z.array(z.unknown()).default([]),
  timeouts: z
    .strictObject({ check: timeout, create: timeout, update: timeout, delete: timeout })
    .partial()
    .optional(),
});

type Inputs = z.infer<typeof schema>;

/** The arguments as a program writes them, without the connection. */
export type ArchiveInputs = z.input<typeof schema>;

/** Parses the arguments of an ImageArchive, without the connection, and reports all issues at once. */
export function parseArgs(inputs: unknown): Parsed<ArchiveArgs> {
  const parsed = parsedArguments(schema, inputs, meaningIssues(inputs), archiveArgs);
  return parsed.ok ? parsed : { ok: false, issues: parsed.issues.map(withShownPath) };
}

/** Hosts are keys, and may be written as URLs with a password. */
function withShownPath({ path, message }: ArgumentIssue): ArgumentIssue {
  return { path: path.map((key) => (typeof key === "string" ? withoutUserinfo(key) : key)), message };
}

function archiveArgs(inputs: Inputs): ArchiveArgs {
  const images = inputs.images.map((each) => imageRequest(each, inputs));
  const registries = Object.entries(inputs.registries);
  return {
    path: inputs.path,
    images,
    engine: engineArgs(inputs.engine),
    registries: Object.fromEntries(registries.map(([host, given]) => [host, registryArgs(given)])),
    integratedRegistry: integratedRegistryArgs(inputs.integratedRegistry),
    format: inputs.format ?? (isEngineExport(images) ? "engine" : "docker-archive"),
    compression: inputs.compression,
    fileMode: inputs.fileMode,
    createDirectories: inputs.createDirectories,
    overwriteUnmanaged: inputs.overwriteUnmanaged,
    onDestroy: inputs.onDestroy,
    onMissing: inputs.onMissing,
    manifest: inputs.manifest,
    verify: inputs.verify,
    triggers: inputs.triggers,
  };
}

function engineArgs(given: Inputs["engine"]): ArchiveArgs["engine"] {
  return {
    host: given.host,
    context: given.context,
    caCert: given.caCert,
    clientCert: given.clientCert,
    clientKey: given.clientKey,
    skipTlsVerify: given.skipTlsVerify,
    tlsHostname: given.tlsHostname,
    apiVersion: given.apiVersion,
    timeoutSeconds: given.timeoutSeconds,
  };
}

function registryArgs(given: Inputs["registries"][string]): ArchiveArgs["registries"][string] {
  return {
    username: given.username,
    password: given.password,
    token: given.token,
    caCert: given.caCert,
    clientCert: given.clientCert,
    clientKey: given.clientKey,
    insecure: given.insecure,
    mirrors: given.mirrors,
  };
}

function integratedRegistryArgs(given: Inputs["integratedRegistry"]): ArchiveArgs["integratedRegistry"] {
  const { url, caCert, skipTlsVerify, username, password, token } = given;
  return { url, caCert, skipTlsVerify, username, password, token };
}

/**
 * Whether an engine can make this very archive: with its own names, and for one platform. For several its archive has the
 * original index, which also lists what the archive lacks, and not every tool loads that.
 */
function isEngineExport(images: readonly ImageRequest[]): boolean {
  const platforms = new Set(images.map((image) => image.platforms?.map(formatPlatform).join()));
  const isOne = images.every((image) => (image.platforms ?? []).length <= 1);
  return isOne && platforms.size === 1 && images.every(isNamedByEngine);
}

/** An export by digest has no name, so a tag beside it would be lost. */
function isNamedByEngine({ source, as }: ImageRequest): boolean {
  if (source.kind !== "engine" || as !== undefined) return false;
  return !source.reference.includes("@") || tagOf(source.reference) === "";
}

function imageRequest(image: Inputs["images"][number], { tag, platforms }: Inputs): ImageRequest {
  return {
    source: imageSource(image, tag),
    platforms: image.platforms ?? platforms,
    as: image.as === undefined ? undefined : withTag(image.as, tag),
  };
}

/** `argumentMeaning` has seen to it that exactly one is there and can be read. */
function imageSource(
  { registry, engine, stream }: Inputs["images"][number],
  tag: string,
): ImageRequest["source"] {
  if (registry !== undefined) return { kind: "registry", reference: withTag(registry, tag) };
  if (engine !== undefined) return { kind: "engine", reference: withTag(engine, tag) };
  if (typeof stream === "object") {
    const { namespace, name, tag: own, digest } = stream;
    return { kind: "stream", namespace, name, tags: own, digest };
  }
  const { namespace, name, tags } = readStreamName(stream ?? "") ?? {
    namespace: undefined,
    name: "",
    tags: "*",
  };
  return { kind: "stream", namespace, name, tags, digest: undefined };
}
