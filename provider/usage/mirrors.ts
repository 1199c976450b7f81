import { listAt, textAt } from "../support/json.js";
import { type Place, valuesAt } from "./place.js";

/** Where else images of a repository are pulled from: one entry of an IDMS, ITMS, ICSP or ImageContentPolicy. */
export interface MirrorRule {
  /** `host`, `host/path` or `*.host`, with or without a port. */
  readonly source: string;
  readonly mirrors: readonly string[];
}

/** Other pull specs for the same image. */
export interface Mirrors {
  /**
   * The pull specs that may serve one: its source and its mirrors, and theirs, whatever the set's kind and policy. Empty for
   * digests, which count whatever stands before them.
   */
  alternativesOf(pullSpec: string): readonly string[];
}

const ruleFields = ["imageDigestMirrors", "imageTagMirrors", "repositoryDigestMirrors"] as const;

/** Lists of rules: each kind has one of them, both kinds of policies the same. */
export const mirrorPlaces: readonly Place[] = ruleFields.map((field) => ({
  path: ["spec", `${field}[]`],
  content: "mirrors",
  readByOc: false,
}));

/** The rules of a set of mirrors, whatever its kind, without its other fields. */
export function toMirrorRules(object: unknown): readonly MirrorRule[] {
  return mirrorPlaces
    .flatMap(({ path }) => valuesAt(object, path))
    .map((rule) => ({
      source: textAt(rule, "source"),
      mirrors: listAt(rule, "mirrors").filter((mirror) => typeof mirror === "string"),
    }))
    .filter(({ source, mirrors }) => source !== "" && mirrors.length > 0);
}

/** How far mirrors of mirrors, and sources of sources, are followed. */
const maxSteps = 3;
/** A limit for rules that lead into each other; no real cluster has so many mirrors. */
const maxAlternatives = 1000;

export function createMirrors(rules: readonly MirrorRule[]): Mirrors {
  if (rules.length === 0) return { alternativesOf: () => [] };
  const mirrorsOf = createLocations(
    rules.flatMap(({ source, mirrors }) => mirrors.map((to) => [source, to])),
  );
  const sourcesOf = createLocations(
    rules.flatMap(({ source, mirrors }) => mirrors.map((mirror) => [mirror, source.replace(/^\*\./, "")])),
  );
  return {
    alternativesOf(pullSpec) {
      const text = pullSpec.trim();
      if (text.includes("@")) return [];
      const own = spellingsOf(text);
      const found = new Set([...reachable(own, sourcesOf), ...reachable(own, mirrorsOf)]);
      found.delete(text);
      return [...found].slice(0, maxAlternatives);
    },
  };
}

/** Everything within some steps. */
function reachable(
  starts: readonly string[],
  next: (text: string) => readonly string[],
): ReadonlySet<string> {
  const found = new Set<string>();
  let last = starts;
  for (let step = 0; step < maxSteps && last.length > 0 && found.size < maxAlternatives; step += 1) {
    last = last.flatMap(next).filter((each) => !found.has(each));
    for (const each of last) found.add(each);
  }
  return found;
}

/** The text itself, and the form to which container engines complete it: many texts leave Docker Hub out. */
function spellingsOf(text: string): readonly string[] {
  const [first = "", ...rest] = text.split("/");
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  if (!hasHost) return [text, `docker.io/${rest.length === 0 ? "library/" : ""}${text}`];
  const host = first.toLowerCase();
  const path = rest.join("/");
  return host === "index.docker.io" ? [text, `docker.io/${path}`] : [`${host}/${path}`];
}

/** Finds other locations for everything below a location, by whole parts of the path, at any depth. */
function createLocations(
  pairs: readonly (readonly [from: string, to: string])[],
): (text: string) => readonly string[] {
  const targets = new Map<string, Set<string>>();
  for (const [from, to] of pairs) {
    const location = withoutTrailingSlash(from);
    targets.set(location, (targets.get(location) ?? new Set()).add(withoutTrailingSlash(to)));
  }
  const depth = Math.max(...[...targets.keys()].map((from) => from.split("/").length));
  const hasWildcards = [...targets.keys()].some((from) => from.startsWith("*."));
  const moved = (from: string, rest: string) => [...(targets.get(from) ?? [])].map((to) => `${to}${rest}`);
  return (text) => {
    const ends = prefixEnds(text, depth);
    const found = ends.flatMap((end) => moved(text.slice(0, end), text.slice(end)));
    return hasWildcards
      ? [...found, ...wildcardsOf(text).flatMap(([from, rest]) => moved(from, rest))]
      : found;
  };
}

/** Where a part of the path ends, at most `depth` of them; the name ends before its tag too. */
function prefixEnds(text: string, depth: number): readonly number[] {
  const ends: number[] = [];
  for (let end = text.indexOf("/"); end !== -1 && ends.length < depth; end = text.indexOf("/", end + 1)) {
    ends.push(end);
  }
  const colon = text.indexOf(":", text.lastIndexOf("/") + 1);
  return [...ends, colon === -1 ? text.length : colon];
}

/** `*.b.c` and `*.c` of `a.b.c:5000/d`, with the rest of the text. */
function wildcardsOf(text: string): readonly (readonly [from: string, rest: string])[] {
  const slash = text.indexOf("/");
  const host = text.slice(0, slash === -1 ? text.length : slash).replace(/:\d+$/, "");
  const rest = slash === -1 ? "" : text.slice(slash);
  const [, ...labels] = host.split(".", 64);
  return labels.map((_, at) => [`*.${labels.slice(at).join(".")}`, rest] as const);
}

function withoutTrailingSlash(location: string): string {
  return location.endsWith("/") ? location.slice(0, -1) : location;
}
