import type { MirrorRule } from "../../../provider/usage/mirrors.js";

/** A tag of the integrated registry: `namespace/name` and the tag. */
export interface MirroredTag {
  readonly repository: string;
  readonly tag: string;
}

/**
 * Where a reference by tag is pulled from as well, one rule at a time, as registries.conf has it: the source, or everything below
 * it, is replaced by a mirror. What names a mirror lives on its source, too. Slow, and without any index.
 */
export function throughMirrors(text: string, rules: readonly MirrorRule[]): readonly MirroredTag[] {
  const reference = text.trim();
  if (reference.includes("@") || !/^[a-z0-9.:/_-]+$/.test(reference)) return [];
  return rules.flatMap(({ source, mirrors }) =>
    mirrors.flatMap((mirror) => [
      ...replaced(reference, source, mirror),
      ...replaced(reference, mirror, source.replace("*.", "")),
    ]),
  );
}

function replaced(reference: string, from: string, to: string): readonly MirroredTag[] {
  const rest = restBehind(reference, from);
  return rest === undefined ? [] : tagOf(`${to}${rest}`);
}

/** The rest behind the location, which ends at a slash. */
function restBehind(reference: string, location: string): string | undefined {
  if (location.startsWith("*.")) {
    const [host = "", ...path] = reference.split("/");
    return host.endsWith(location.slice(1)) && path.length > 0 ? `/${path.join("/")}` : undefined;
  }
  if (!reference.startsWith(location)) return undefined;
  const rest = reference.slice(location.length);
  const isTag = rest.startsWith(":") && location.includes("/");
  return rest === "" || rest.startsWith("/") || isTag ? rest : undefined;
}

/** The integrated registry knows `host/namespace/name:tag`, and nothing else. */
function tagOf(reference: string): readonly MirroredTag[] {
  const match = /^[^/]+\/([^/:]+\/[^/:]+)(?::([^/:]+))?$/.exec(reference);
  if (match === null) return [];
  const [, repository = "", tag = "latest"] = match;
  return [{ repository, tag }];
}
