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
  const isOfVersion = wanted.osVersion === undefined || wanted.osVersion === offered.osVersion;
  return normalForm(offered) === normalForm(wanted) && isOfVersion;
}

/** The same for an `offered` that does not say everything: podman names no variant, and neither do many configs. */
export function mayBePlatform(offered: Platform, wanted: Platform): boolean {
  const { variant = wanted.variant, osVersion = wanted.osVersion } = offered;
  const completed = {
    os: offered.os,
    architecture: offered.architecture,
    ...(variant === undefined ? {} : { variant }),
    ...(osVersion === undefined ? {} : { osVersion }),
  };
  return isPlatform(completed, wanted);
}

/** Without those that mean the same as an earlier one. */
export function distinctPlatforms(platforms: readonly Platform[]): readonly Platform[] {
  return platforms.filter((each, at) => platforms.findIndex((other) => isSame(each, other)) === at);
}

/** Whether both lists name the same platforms in whatever order and spelling; where one is not known, neither may be. */
export function arePlatformsEqual(
  a: readonly string[] | undefined,
  b: readonly string[] | undefined,
): boolean {
  if (a === undefined || b === undefined) return a === b;
  const [normalA, normalB] = [a, b].map((texts) => texts.map(normalText).sort().join());
  return normalA === normalB;
}

/** What attestations and other attachments say in an index: they run nowhere. */
export const unknownPlatform: Platform = { os: "unknown", architecture: "unknown" };

export function isRunnable({ os, architecture }: Platform): boolean {
  return os !== "unknown" && architecture !== "unknown";
}

function isSame(a: Platform, b: Platform): boolean {
  return normalForm(a) === normalForm(b) && a.osVersion === b.osVersion;
}

function normalText(text: string): string {
  const platform = parsePlatform(text);
  return platform === undefined ? text : normalForm(platform);
}

/** One spelling for what is the same platform, by containerd's rules: a bare `arm` is v7, a bare `arm64` v8. */
function normalForm(platform: Platform): string {
  const alias = aliases.get(platform.architecture);
  const { architecture, variant = "" } = { ...platform, ...alias };
  const shown = variant.replace(/^(?=\d)/, "v").replace(/\.0$/, "");
  return [platform.os, architecture, shown || (defaultVariants.get(architecture) ?? "")].join("/");
}

/** Other names of architectures; some say the variant too. */
const aliases = new Map<string, Pick<Platform, "architecture" | "variant">>([
  ["i386", { architecture: "386", variant: "" }],
  ["x86_64", { architecture: "amd64" }],
  ["aarch64", { architecture: "arm64" }],
  ["armhf", { architecture: "arm", variant: "v7" }],
  ["armel", { architecture: "arm", variant: "v6" }],
]);

const defaultVariants = new Map([
  ["amd64", "v1"],
  ["arm", "v7"],
  ["arm64", "v8"],
]);
