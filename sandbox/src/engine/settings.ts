import { z } from "zod";
import { type FieldsOf, httpStatus, milliseconds, text } from "../settings/values.js";
import { engineProfiles, type EngineVersion } from "./profiles.js";

export interface SandboxEngineOptions {
  readonly version: EngineVersion;
  /** Default: a Unix socket. With `https` only clients with a certificate of `clientAuthority` get in, where it is given. */
  readonly listen?:
    | { readonly protocol: "http" }
    | {
        readonly protocol: "https";
        readonly certificate: string;
        readonly key: string;
        readonly clientAuthority?: string;
      };
}

/** What `startEngine` takes. */
export const engineSettings = z.strictObject({
  version: z.enum(Object.keys(engineProfiles) as [EngineVersion, ...EngineVersion[]]),
  listen: z
    .discriminatedUnion("protocol", [
      z.strictObject({ protocol: z.literal("http") }),
      z.strictObject({
        protocol: z.literal("https"),
        certificate: text,
        key: text,
        clientAuthority: text.optional(),
      }),
    ])
    .optional(),
} satisfies FieldsOf<SandboxEngineOptions>);

const on = z.enum(["ping", "inspect", "export"]);
const onExport = z.literal("export");
const happens = z.custom<() => void>((value) => typeof value === "function", { error: "must be a function" });

/** What the faults of an engine take. */
export const engineFaultSettings = z.discriminatedUnion("kind", [
  z.strictObject({ on, kind: z.literal("answer"), status: httpStatus, body: z.unknown().optional() }),
  z.strictObject({ on, kind: z.literal("meanwhile"), happens }),
  z.strictObject({ on, kind: z.literal("delay"), milliseconds }),
  z.strictObject({ on, kind: z.literal("reset") }),
  z.strictObject({ on: onExport, kind: z.literal("lateError"), message: text }),
  z.strictObject({ on: onExport, kind: z.literal("cut") }),
  z.strictObject({ on: onExport, kind: z.literal("stall") }),
  z.strictObject({ on: onExport, kind: z.literal("nullManifest") }),
]);
