import { isDeepStrictEqual } from "node:util";
import { own } from "../support/collections.js";
import { isObject, objectAt } from "../support/json.js";
import { formatByteSize } from "../support/text/units.js";
import { nameList } from "../support/text/wording.js";
import type { ImportExecution } from "./execute/importStream.js";

interface Tag {
  readonly digest?: string;
  readonly platforms?: readonly string[];
  readonly sizeBytes?: number;
  readonly error?: string;
  readonly from?: string;
  readonly reference?: true;
  readonly rollsOut?: readonly string[];
  readonly rollsOutTotal?: number;
}

type Tags = Readonly<Record<string, Tag>>;
type Inputs = Readonly<Record<string, unknown>>;

const shownTags = 5;

/** `3 tags: v1 sha256:9d6b58fe… (linux/amd64 +4, 71 MB), …` for a create; only what changes for an update. */
export function summariseStream(inputs: Inputs, old: Inputs): string | undefined {
  const tags = tagsOf(inputs);
  const before = tagsOf(old);
  if (tags === undefined || (before === undefined && Object.keys(tags).length === 0))
    return "the digests are not known yet";
  const names = Object.keys(tags);
  if (before === undefined) {
    const described = names.map((name) => describe(name, own(tags, name)));
    return `${names.length} ${names.length === 1 ? "tag" : "tags"}: ${nameList(described, shownTags)}`;
  }
  const { counted, comingAndGoing } = repositoryPart(inputs, old, tags, before);
  const changes = [...new Set([...names, ...Object.keys(before)])].sort().flatMap((name) => {
    if (counted.has(name)) return [];
    const change = describeChange(name, own(before, name), own(tags, name));
    return change === undefined ? [] : [change];
  });
  const parts = [...comingAndGoing, ...(changes.length === 0 ? [] : [nameList(changes, shownTags)])];
  return parts.length === 0 ? undefined : parts.join(", ");
}

interface RepositoryPart {
  readonly counted: ReadonlySet<string>;
  readonly comingAndGoing: readonly string[];
}

/** Tags of a repository may be many, so that those which come and go are counted: `+3 new (v1.4, …), -1 vanished (v1.0)`. */
function repositoryPart(inputs: Inputs, old: Inputs, tags: Tags, before: Tags): RepositoryPart {
  if (!isObject(inputs.repository) || !isObject(old.repository))
    return { counted: new Set(), comingAndGoing: [] };
  const isOwn = (name: string) => own(objectAt(inputs, "tags"), name) === undefined;
  const wasOwn = (name: string) => own(objectAt(old, "tags"), name) === undefined;
  const added = Object.keys(tags).filter((name) => own(before, name) === undefined && isOwn(name));
  const gone = Object.keys(before).filter((name) => own(tags, name) === undefined && wasOwn(name));
  // A limit, or another choice, lets tags go that upstream still has.
  const isSame = isDeepStrictEqual(inputs.repository, old.repository);
  const why = isSame && inputs.repository.limit === undefined ? "vanished" : "gone";
  return {
    counted: new Set([...added, ...gone]),
    comingAndGoing: [...counted("+", added, "new"), ...counted("-", gone, why)],
  };
}

function counted(sign: string, names: readonly string[], what: string): readonly string[] {
  if (names.length === 0) return [];
  return [
    `${sign}${names.length.toLocaleString("en-US")} ${what} (${nameList([...names].sort(), shownTags)})`,
  ];
}

function tagsOf(inputs: Inputs): Tags | undefined {
  const { resolved } = inputs;
  return typeof resolved === "object" && resolved !== null ? (resolved as Tags) : undefined;
}

function describe(name: string, tag: Tag | undefined): string {
  if (!isKnown(tag)) return `${name} is not known yet`;
  if (tag.reference === true) return `${name} (reference)`;
  const size = tag.sizeBytes === undefined ? "" : formatByteSize(tag.sizeBytes);
  const suffix = inBrackets(tag.from ?? "", platforms(tag), size, rollouts(tag));
  return tag.digest === undefined ? `${name} fails` : `${name} ${short(tag.digest)}${suffix}`;
}

function describeChange(name: string, before: Tag | undefined, after: Tag | undefined): string | undefined {
  if (after === undefined) return `${name} is removed`;
  if (before === undefined) return `new ${describe(name, after)}`;
  if (!isKnown(after)) return `${name} ${short(before.digest)} -> not known yet`;
  if (before.digest === after.digest) {
    const again = inBrackets(rollouts(after));
    return again === "" ? undefined : `${name} returns to ${short(after.digest)}${again}`;
  }
  return `${name} ${short(before.digest)} -> ${short(after.digest)}${inBrackets(after.from ?? "", rollouts(after))}`;
}

function inBrackets(...details: readonly string[]): string {
  const known = details.filter((text) => text !== "");
  return known.length === 0 ? "" : ` (${known.join(", ")})`;
}

const shownRollouts = 3;

function rollouts({ rollsOut = [], rollsOutTotal = rollsOut.length }: Tag): string {
  if (rollsOut.length === 0) return "";
  const shown = rollsOut.slice(0, shownRollouts);
  const more = rollsOutTotal > shown.length ? ` and ${rollsOutTotal - shown.length} more` : "";
  return `rolls out ${shown.join(", ")}${more}`;
}

/** The SDK puts a value of its own in the place of what a preview does not know. */
function isKnown(tag: Tag | undefined): tag is Tag {
  const { digest, error, reference } = tag ?? {};
  return digest !== undefined || error !== undefined || reference === true;
}

function platforms(tag: Tag | undefined): string {
  const [first, ...others] = tag?.platforms ?? [];
  if (first === undefined) return "";
  return others.length === 0 ? first : `${first} +${others.length}`;
}

function short(digest: string | undefined): string {
  return digest === undefined ? "unknown" : `${digest.slice(0, "sha256:".length + 12)}…`;
}

const executedTags = 10;

/** The lines about an execution that remain on the display, unlike its progress. */
export function describeExecution({ imported, removed }: ImportExecution): readonly string[] {
  return [
    ...(imported.length > 0 ? [`imported ${nameList(imported, executedTags)}`] : []),
    ...(removed.length > 0 ? [`removed ${nameList(removed, executedTags)}`] : []),
  ];
}
