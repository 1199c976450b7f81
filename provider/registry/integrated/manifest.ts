import { createHash } from "node:crypto";
import { hasConfigBlob, isIndexType, manifestTypes } from "../../oci/mediaTypes.js";
import type { RegistryAnswer } from "../answer.js";

/** What a manifest points at. */
export interface Descriptor {
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

/** The content of a manifest or index. */
export interface RegistryManifest {
  readonly mediaType: string;
  /** Empty for an index. */
  readonly layers: readonly Descriptor[];
  /** Undefined for an index. */
  readonly config: Descriptor | undefined;
  /** The manifests of an index, else empty. */
  readonly manifests: readonly Descriptor[];
}

export type ParsedManifest =
  | { readonly ok: true; readonly manifest: RegistryManifest }
  /** `reason` completes "it ...". */
  | { readonly ok: false; readonly reason: string };

/** Reads the answer's body; only bytes that have the digest count. */
export function parseManifest({ text, headers }: RegistryAnswer, digest: string): ParsedManifest {
  const actual = `sha256:${createHash("sha256").update(text).digest("hex")}`;
  const body = parseObject(text);
  const type = body?.["mediaType"] ?? String(headers["content-type"]).replace(/;.*$/s, "");
  if (typeof type !== "string" || !manifestTypes.includes(type)) {
    return { ok: false, reason: `is of a type that cannot be read: ${JSON.stringify(type).slice(0, 100)}` };
  }
  if (actual !== digest) return { ok: false, reason: `has the digest ${actual}` };
  const layers = isIndexType(type) ? [] : descriptors(body?.["layers"]);
  const manifests = isIndexType(type) ? descriptors(body?.["manifests"]) : [];
  const [config] = hasConfigBlob(type) ? (descriptors([body?.["config"]]) ?? []) : [];
  if (layers === undefined || manifests === undefined || (hasConfigBlob(type) && config === undefined)) {
    return { ok: false, reason: "lacks its layers, config or manifests" };
  }
  return { ok: true, manifest: { mediaType: type, layers, config, manifests } };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined unless all are well formed: an overlooked layer would count as unused. */
function descriptors(list: unknown): readonly Descriptor[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const found = list.flatMap((each: Partial<Descriptor> | null | undefined) =>
    typeof each?.digest === "string" && typeof each.size === "number"
      ? [{ digest: each.digest, size: each.size }]
      : [],
  );
  return found.length === list.length ? found : undefined;
}
