import type { ArgumentIssue } from "../../support/arguments/parsed.js";
import { isObject, objectAt } from "../../support/json.js";
import { imageIssues, isPinned } from "./image.js";
import { type OwnStream, parseAlias, parseStreamImage, parseStreamTag, tagName } from "./sources.js";

const sources = ["image", "alias", "imageStreamTag", "imageStreamImage"] as const;
type Source = (typeof sources)[number];

/** Policies of an import, which only a tag that is imported can have. */
const importPolicies = ["scheduled", "insecure", "importMode", "mirror"] as const;

interface WrittenTag {
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly sources: readonly Source[];
  /** Neither a text nor an object. */
  readonly isForeign: boolean;
  /** Written as the pull spec alone. */
  readonly isText: boolean;
}

/** What is wrong with tags that a schema cannot say. Takes tags of any shape. */
export function tagIssues(tags: Readonly<Record<string, unknown>>, own: OwnStream): readonly ArgumentIssue[] {
  const written = Object.entries(tags).map(([name, tag]) => writtenTag(name, tag));
  return [...written.flatMap((tag) => issuesOf(tag, own)), ...circleIssues(written, own)];
}

function writtenTag(name: string, tag: unknown): WrittenTag {
  const isText = typeof tag === "string";
  const fields = isText ? { image: tag } : objectAt(tag);
  const isForeign = !isText && !isObject(tag);
  return {
    name,
    fields,
    isText,
    isForeign,
    sources: sources.filter((source) => fields[source] !== undefined),
  };
}

function issuesOf(tag: WrittenTag, own: OwnStream): readonly ArgumentIssue[] {
  const [source, ...others] = tag.sources;
  if (source === undefined || others.length > 0) return [...nameIssues(tag), ...sourceCountIssues(tag)];
  return [...nameIssues(tag), ...sourceIssues(tag, source, own), ...policyIssues(tag, source)];
}

function nameIssues({ name }: WrittenTag): readonly ArgumentIssue[] {
  const path = ["tags", name];
  if (name === "__proto__") return [{ path, message: "is a name that JavaScript keeps for itself" }];
  if (tagName.test(name)) return [];
  return [{ path, message: "is not a valid tag name (letters, digits, _ . -, at most 128)" }];
}

/** What is no object at all is the schema's complaint. */
function sourceCountIssues({ name, isForeign, sources: found }: WrittenTag): readonly ArgumentIssue[] {
  const path = ["tags", name];
  if (found.length > 1)
    return [{ path, message: `has ${found.join(" and ")}, and a tag has one source: leave one of them` }];
  if (isForeign) return [];
  return [{ path, message: `needs a source: one of ${sources.join(", ")}` }];
}

function sourceIssues(tag: WrittenTag, source: Source, own: OwnStream): readonly ArgumentIssue[] {
  const { name, fields, isText } = tag;
  const value = fields[source];
  if (typeof value !== "string") return [];
  const path = isText ? ["tags", name] : ["tags", name, source];
  if (source === "image") return imageIssues(value, path);
  const message = sourceProblem(source, value, name, own);
  return message === undefined ? [] : [{ path, message }];
}

function sourceProblem(
  source: Exclude<Source, "image">,
  text: string,
  name: string,
  own: OwnStream,
): string | undefined {
  const quoted = JSON.stringify(text);
  switch (source) {
    case "alias":
      return aliasProblem(text, name, own);
    case "imageStreamTag":
      if (parseStreamTag(text) !== undefined) return undefined;
      return `${quoted} is not a tag of an image stream: write "web:v1", or "project/web:v1"`;
    case "imageStreamImage":
      if (parseStreamImage(text) !== undefined) return undefined;
      if (parseStreamTag(text) !== undefined) return `${quoted} is a tag: write imageStreamTag: ${quoted}`;
      return `${quoted} is not an image of an image stream: write "web@sha256:…", or the first six digits of the digest or more`;
  }
}

function aliasProblem(text: string, name: string, own: OwnStream): string | undefined {
  const alias = parseAlias(text, own);
  const quoted = JSON.stringify(text);
  switch (alias.kind) {
    case "tag":
      return alias.tag === name ? "names the tag itself" : undefined;
    case "elsewhere":
      return `${quoted} is a tag of another image stream, and the cluster follows only tags of the same one. Write imageStreamTag: ${quoted}, which takes the image that it has now; with trackUpstream: "follow" every later run takes the newest`;
    case "invalid":
      return `${quoted} is not the name of a tag of this image stream, like "v1"`;
  }
}

function policyIssues({ name, fields }: WrittenTag, source: Source): readonly ArgumentIssue[] {
  const { image, reference } = fields;
  if (source === "alias" && reference === true) {
    const message = "has no meaning for an alias: the tag that it follows may be a reference";
    return [{ path: ["tags", name, "reference"], message }];
  }
  if (source !== "image" || reference === true) {
    const message = "has no meaning here: nothing is imported for this tag";
    const set = importPolicies.filter((policy) => ![undefined, false].includes(fields[policy] as boolean));
    return set.map((policy) => ({ path: ["tags", name, policy], message }));
  }
  if (fields.scheduled !== true || typeof image !== "string" || !isPinned(image)) return [];
  const message = "has no meaning for a digest, which never moves";
  return [{ path: ["tags", name, "scheduled"], message }];
}

/** Aliases that lead back to themselves, once a circle: the server accepts them and serves nothing (facts/image-streams.md 19). */
function circleIssues(written: readonly WrittenTag[], own: OwnStream): readonly ArgumentIssue[] {
  const targets = new Map(written.flatMap((tag) => aliasOf(tag, own)));
  return [...targets.keys()].flatMap((name) => {
    const circle = circleFrom(name, targets);
    if (circle === undefined || [...circle].sort()[0] !== name || circle.length < 2) return [];
    const message = `is one of the aliases ${[...circle, name].join(" -> ")}, which lead back to themselves`;
    return [{ path: ["tags", name, "alias"], message }];
  });
}

function aliasOf({ name, fields }: WrittenTag, own: OwnStream): readonly (readonly [string, string])[] {
  const alias = typeof fields.alias === "string" ? parseAlias(fields.alias, own) : undefined;
  return alias?.kind === "tag" ? [[name, alias.tag]] : [];
}

/** The aliases from `name` back to it; undefined where they lead elsewhere. */
function circleFrom(name: string, targets: ReadonlyMap<string, string>): readonly string[] | undefined {
  const passed: string[] = [];
  let current: string | undefined = name;
  while (current !== undefined && !passed.includes(current)) {
    passed.push(current);
    current = targets.get(current);
  }
  return current === name ? passed : undefined;
}
