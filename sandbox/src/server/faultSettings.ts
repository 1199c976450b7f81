import { z } from "zod";
import {
  type FieldsOf,
  flag,
  httpStatus,
  milliseconds,
  pattern,
  text,
  textsByName,
  wholeNumber,
} from "../settings/values.js";
import type { RequestMatch } from "./requestMatch.js";

/** The effect of a fault on a matching request. */
export type FaultEffect =
  /** Answers this instead. With `afterEffect` the request is carried out first, and only its answer is replaced. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      readonly afterEffect?: boolean;
    }
  | { readonly kind: "delay"; readonly milliseconds: number }
  /** Resets the connection: before the request is handled, after it took effect, or half-way through the answer. */
  | { readonly kind: "cut"; readonly when: "before" | "after" | "during" }
  /** A registry names another digest in Docker-Content-Digest than that of the content. */
  | { readonly kind: "wrongDigest" }
  /** The continue token of the request counts as expired: 410, with a token to continue with. */
  | { readonly kind: "expireContinueToken" }
  /** One byte of the answer is changed. */
  | { readonly kind: "corrupt" }
  /** One row of an ImageStreamImport fails (or is a Success without an image) although the registry is fine. */
  | {
      readonly kind: "importRow";
      /** Name of the tag in the stream (`to`). */
      readonly tag: string;
      readonly row:
        "successWithoutImage" | { readonly code: number; readonly reason: string; readonly message: string };
      /** Only imports that store their result. */
      readonly storingOnly?: boolean;
    };

export interface Fault extends RequestMatch {
  readonly effect: FaultEffect;
}

type Effect<Kind extends FaultEffect["kind"]> = FaultEffect & { readonly kind: Kind };

const headerName = z.string().regex(/^[^A-Z]+$/, { error: "must be a header's name in lower case" });
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

const counts = { skip: wholeNumber, times: wholeNumber };

/** The fields of a match, for a sandbox that has these servers. */
export function matchFields(servers: readonly string[]) {
  const sentence = `must be a server of this sandbox: ${servers.join(", ")}`;
  return {
    server: z
      .string()
      .refine((name) => servers.includes(name), { error: sentence })
      .optional(),
    method: z.enum(methods).optional(),
    path: pattern.optional(),
    headers: z.record(headerName, pattern).optional(),
    body: z
      .union([pattern, z.custom<(body: string) => boolean>((value) => typeof value === "function")], {
        error: "must be a regular expression as text, or in process a function",
      })
      .optional(),
    ...counts,
  } satisfies FieldsOf<RequestMatch>;
}

const importRowFields = {
  kind: z.literal("importRow"),
  tag: text,
  row: z.union(
    [
      z.literal("successWithoutImage"),
      z.strictObject({ code: httpStatus, reason: z.string(), message: z.string() }),
    ],
    { error: 'must be "successWithoutImage" or { code, reason, message }' },
  ),
  storingOnly: flag,
} satisfies FieldsOf<Effect<"importRow">>;

const requestEffects = [
  z.strictObject({
    kind: z.literal("answer"),
    status: httpStatus,
    body: z.unknown().optional(),
    headers: textsByName,
    afterEffect: flag,
  } satisfies FieldsOf<Effect<"answer">>),
  z.strictObject({ kind: z.literal("delay"), milliseconds } satisfies FieldsOf<Effect<"delay">>),
  z.strictObject({
    kind: z.literal("cut"),
    when: z.enum(["before", "after", "during"]),
  } satisfies FieldsOf<Effect<"cut">>),
  z.strictObject({ kind: z.literal("wrongDigest") }),
  z.strictObject({ kind: z.literal("expireContinueToken") }),
  z.strictObject({ kind: z.literal("corrupt") }),
] as const;

/** One effect of every kind. */
export const effectSettings = z.discriminatedUnion("kind", [
  ...requestEffects,
  z.strictObject(importRowFields),
]);

export function matchSettings(servers: readonly string[]) {
  return z.strictObject(matchFields(servers));
}

export function faultSettings(servers: readonly string[]) {
  return z.strictObject({ ...matchFields(servers), effect: effectSettings });
}

/** A row of an import is found by its tag, so the rest of a match would be passed over. */
export const importRowSettings = z.strictObject({ ...counts, effect: z.strictObject(importRowFields) });
