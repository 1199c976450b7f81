import { z } from "zod";
import type { ImagePush, IndexContent, SingleImageContent } from "../integrated/push.js";
import { matchFields } from "../server/faultSettings.js";
import { apiObject, type FieldsOf, flag, oneOf, text, wholeNumber } from "../settings/values.js";

export const registryModes = ["normal", "readOnly", "deleteDisabled"] as const;

export const platformSettings = z.strictObject({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional(),
});

const layer = z.union([text, z.strictObject({ content: text, bytes: wholeNumber.unwrap() })], {
  error: "must be a text or { content, bytes }",
});
const anyFields = z.record(z.string(), z.unknown()).optional();
const common = { docker: flag, manifest: anyFields };

const singleImage = z.strictObject({
  layers: z.array(layer),
  config: anyFields,
  platform: platformSettings.optional(),
  ...common,
} satisfies FieldsOf<SingleImageContent>);

const index = z.strictObject({
  get children() {
    return z.array(content);
  },
  ...common,
} satisfies FieldsOf<IndexContent>);

const content: z.ZodType = z.union([singleImage, index], {
  error: "must be { layers, config?, platform?, docker?, manifest? } or { children, docker?, manifest? }",
});

const push = z.strictObject({
  namespace: text,
  name: text,
  tag: text.optional(),
  image: content,
  createdAt: text
    .refine((time) => !Number.isNaN(Date.parse(time)), { error: "must be a time like 2024-01-01T00:00:00Z" })
    .optional(),
  signatures: z.array(z.looseObject({})).optional(),
} satisfies FieldsOf<ImagePush>);

const changes = {
  put: apiObject,
  patch: apiObject,
  delete: apiObject,
  push,
  registryMode: oneOf(...registryModes).unwrap(),
  clockOffsetSeconds: z.number(),
};

/** Each change has one of these, and nothing else. */
export const changeSettings = z
  .strictObject(changes)
  .partial()
  .refine((change) => Object.keys(change).length === 1, {
    error: `must have one of ${Object.keys(changes).join(", ")}`,
  });

export function reactionSettings(servers: readonly string[]) {
  return z.strictObject({ ...matchFields(servers), changes: z.array(changeSettings) });
}

/** The query of the request log. */
export function requestFilterSettings(servers: readonly string[]) {
  const { server, method, path } = matchFields(servers);
  return z.strictObject({ server, method, path });
}

/** An object, or Kubernetes' own List of them. */
export function objectSettings(value: unknown): z.ZodType {
  const isList = (value as { readonly kind?: unknown } | null)?.kind === "List";
  return isList ? z.looseObject({ items: z.array(apiObject) }) : apiObject;
}
