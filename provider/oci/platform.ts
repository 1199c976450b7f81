/** What an image runs on, as in an OCI image index. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  /** `v8` of arm64 and `v7` of arm mean the same as none. */
  readonly variant?: string;
  /** Windows images only. */
  readonly osVersion?: string;
}

/** `linux/arm64/v8`; undefined for a text that is no platform. */
export function parsePlatform(text: string): Platform | undefined {
  const match = /^([a-z0-9]+)\/([a-z0-9_]+)(?:\/([a-z0-9.]+))?$/.exec(text);
  const [, os, architecture, variant] = match ?? [];
  if (os === undefined || architecture === undefined) return undefined;
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join("/");
}

/** Whether an image for `offered` is what `wanted` asks for; an OS version counts only where it is wanted. */
export function isPlatform(offered: Platform, wanted: Platform): boolean {
  return (
    offered.os === wanted.os &&
    offered.architecture === wanted.architecture &&
    variantOf(offered) === variantOf(wanted) &&
    (wanted.osVersion === undefined || wanted.osVersion === offered.osVersion)
  );
}

/** What attestations and other attachments say in an index: they run nowhere. */
export const unknownPlatform: Platform = { os: "unknown", architecture: "unknown" };

export function isRunnable({ os, architecture }: Platform): boolean {
  return os !== "unknown" && architecture !== "unknown";
}

/** containerd's defaults: a bare `arm` is v7, a bare `arm64` v8. */
function variantOf({ architecture, variant = "" }: Platform): string {
  if (architecture === "arm64") return variant === "" ? "v8" : variant;
  if (architecture === "arm") return variant === "" ? "v7" : variant;
  return variant;
}
