import { isPreferenceKey } from "./tag/preferredPlatform.js";

type Path = readonly (string | number)[];
type Bag<Value> = Readonly<Record<string, Value>>;

/** Arguments, or what was parsed from them. */
interface Tracking {
  readonly trackUpstream?: unknown;
}

/** Arguments that do not change which images tags resolve to. Triggers may: see `Resolution.undecided`. */
const indifferent: ReadonlySet<unknown> = new Set([
  "labels",
  "annotations",
  "lookupLocal",
  "triggers",
  "timeouts",
  "onDestroy",
  "mirror",
  "integratedRegistry",
]);

/** Arguments that only allow what would be refused, so a preview that does not know them must not fail. */
const permissions: readonly string[] = ["adopt", "deleteInUse"];

/** A registry may refuse what it would answer with them: that tag alone is then not known. */
const pullSecrets: readonly string[] = ["pullSecret", "pullSecretFrom"];

/** Whether something of the resource's own pull secret is not known. */
export function isPullSecretUnknown(unknown: readonly Path[]): boolean {
  return unknown.some(([key]) => pullSecrets.includes(String(key)));
}

/**
 * The arguments that decide what tags resolve to, without tags that are not known; undefined where what is not known
 * decides about all tags.
 */
export function knownPart<Value>(
  inputs: Bag<Value>,
  unknown: readonly Path[],
): Bag<Value | boolean | Bag<Value>> | undefined {
  const secrets = pullSecrets.filter((key) => unknown.some(([first]) => first === key));
  const deciding = unknown.filter(
    ([key, ...rest]) => !secrets.includes(String(key)) && !isIndifferent([key ?? "", ...rest], inputs),
  );
  if (deciding.some(([key, tag]) => key !== "tags" || tag === undefined)) return undefined;
  const undecided = undecidedTags(inputs, unknown);
  const permitted = permissions.filter((key) => unknown.some(([first]) => first === key));
  const { tags } = inputs;
  return {
    ...without(inputs, secrets),
    ...Object.fromEntries(permitted.map((key) => [key, true])),
    ...(isBag<Value>(tags) ? { tags: without(tags, undecided) } : {}),
  };
}

/** Tags of which something is unknown that decides about them, sorted. */
export function undecidedTags(inputs: Tracking, unknown: readonly Path[]): readonly string[] {
  const tags = unknown
    .filter(([key]) => key === "tags")
    .filter((path) => !isIndifferent(path, inputs))
    .map(([, tag]) => String(tag));
  return [...new Set(tags)].sort();
}

function isIndifferent([key, , policy, annotation]: Path, inputs: Tracking): boolean {
  if (indifferent.has(key) || permissions.includes(String(key))) return true;
  // The cluster moves a scheduled tag, so that its upstream is not tracked: nothing else.
  const isPinned = inputs.trackUpstream === undefined || inputs.trackUpstream === "pinned";
  if (key === "scheduled") return isPinned;
  if (key !== "tags") return false;
  if (policy === "scheduled") return isPinned;
  if (policy === "mirror") return true;
  return policy === "annotations" && annotation !== undefined && !isPreferenceKey(String(annotation));
}

function without<Value>(tags: Bag<Value>, names: readonly string[]): Bag<Value> {
  return Object.fromEntries(Object.entries(tags).filter(([name]) => !names.includes(name)));
}

function isBag<Value>(value: unknown): value is Bag<Value> {
  return typeof value === "object" && value !== null;
}
