import type { Literal } from "../../support/text/literals.js";
import { isPinned } from "../args/image.js";

type TagArgs = Readonly<Record<string, Literal>>;
type NamedTag = readonly [name: string, args: TagArgs];

export interface WrittenTags {
  readonly tags: Readonly<Record<string, Literal>>;
  /** Policies of the resource: those that all of its tags share. */
  readonly policies: TagArgs;
}

/** On which tags a policy of the resource has an effect. */
const policies: readonly { readonly key: string; readonly counts: (args: TagArgs) => boolean }[] = [
  {
    key: "scheduled",
    counts: (args) => isImported(args) && typeof args.image === "string" && !isPinned(args.image),
  },
  { key: "insecure", counts: isImported },
  { key: "importMode", counts: isImported },
  { key: "referencePolicy", counts: () => true },
];

/** Says once what all tags say, and an image without anything else as its text. */
export function withSharedPolicies(tags: readonly NamedTag[]): WrittenTags {
  const shared = policies.flatMap(({ key, counts }) => {
    const values = new Set(tags.filter(([, args]) => counts(args)).map(([, args]) => args[key]));
    const [value] = values;
    return values.size === 1 && value !== undefined ? [[key, value] as const] : [];
  });
  const left = tags.map(([name, args]): [string, Literal] => {
    const own = Object.entries(args).filter(([key]) => !shared.some(([each]) => each === key));
    const [only] = own;
    return [name, own.length === 1 && only?.[0] === "image" ? only[1] : Object.fromEntries(own)];
  });
  return { tags: Object.fromEntries(left), policies: Object.fromEntries(shared) };
}

function isImported(args: TagArgs): boolean {
  return args.image !== undefined && args.reference !== true;
}
