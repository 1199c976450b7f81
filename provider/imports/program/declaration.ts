import type { ImageStream } from "../../okd/imageStream.js";
import type { StreamKey } from "../../okd/streamName.js";
import { own } from "../../support/collections.js";
import type { Literal } from "../../support/text/literals.js";
import { byKey, byText } from "../../support/text/spelling.js";
import { visibleText } from "../../support/text/visible.js";
import { insecureAnnotation } from "../args/desiredStream.js";
import { parseArgs } from "../args/schema.js";
import { claimOfTag, readClaims } from "../plan/claims.js";
import { statusTag } from "../plan/tag/state.js";
import { declarableKeys, otherManagers } from "./bookkeeping.js";
import { withSharedPolicies } from "./sharedPolicies.js";
import { tagArguments } from "./tagArguments.js";

/** A stream in the words of a program that takes it over. */
export interface Declaration {
  readonly namespace: string;
  readonly name: string;
  /** Arguments of the ImportedImageStream in their order; undefined where the stream has nothing that can be declared. */
  readonly args: Readonly<Record<string, Literal>> | undefined;
  /** What people should know, a line each. */
  readonly remarks: readonly string[];
}

export interface DeclarationOptions {
  /** Declares tags that were pushed, too, by the digest that they have now. */
  readonly withPushed: boolean;
}

type NamedArgs = readonly [name: string, args: Readonly<Record<string, Literal>>];

interface TagsInWords {
  readonly declared: readonly NamedArgs[];
  readonly remarks: readonly string[];
}

/** The arguments that declare the stream as it is; what they cannot say, or should not, is a remark. */
export function declarationOf(stream: ImageStream, options: DeclarationOptions): Declaration {
  const { namespace, name } = stream.metadata;
  const { declared, remarks } = tagsInWords(stream, options);
  const managers = otherManagers(stream).map(
    (manager) => `Managed by ${manager}, which may write it again: let only one of the two have it.`,
  );
  const { tags, policies } = withSharedPolicies(declared);
  const streamArgs = argumentsOfStream(stream);
  const args = {
    namespace,
    name,
    ...(declared.length === 0 ? {} : { tags }),
    // An insecure stream makes its tags insecure, unless the program says otherwise.
    ...(streamArgs.insecureRepository === true && declared.length > 0 ? { insecure: false } : {}),
    ...policies,
    ...streamArgs,
    adopt: true,
  };
  return {
    namespace,
    name,
    args: declared.length > 0 || streamArgs.sourceRepository !== undefined ? args : undefined,
    remarks: [...managers, ...remarks].map(visibleText),
  };
}

function argumentsOfStream({ metadata, spec }: ImageStream): Readonly<Record<string, Literal>> {
  const { labels, annotations } = metadata;
  const { dockerImageRepository = "" } = spec;
  const isInsecure = own(annotations, insecureAnnotation) === "true";
  const others = declarableKeys(annotations).filter(([key]) => !isInsecure || key !== insecureAnnotation);
  return {
    ...mapArgument("labels", declarableKeys(labels)),
    ...mapArgument("annotations", others),
    ...(spec.lookupPolicy?.local === true ? { lookupLocal: true } : {}),
    ...(isInsecure ? { insecureRepository: true } : {}),
    ...(dockerImageRepository === "" ? {} : { sourceRepository: dockerImageRepository }),
  };
}

function mapArgument(
  name: "labels" | "annotations",
  entries: readonly (readonly [string, string])[],
): Readonly<Record<string, Literal>> {
  return entries.length === 0 ? {} : { [name]: Object.fromEntries(entries.toSorted(byKey)) };
}

function tagsInWords(stream: ImageStream, { withPushed }: DeclarationOptions): TagsInWords {
  const claims = readClaims(stream);
  const found: NamedArgs[] = [];
  const remarks: string[] = [];
  for (const tag of (stream.spec.tags ?? []).toSorted((a, b) => byText(a.name, b.name))) {
    const owner = claimOfTag(claims, tag.name);
    const words = tagArguments(tag, stream.metadata, servedDigest(stream, tag.name));
    if (owner !== undefined) remarks.push(notDeclared(tag.name, `belongs to ${owner.resource} already`));
    else if (words.kind === "undeclarable") remarks.push(notDeclared(tag.name, words.reason));
    else {
      found.push([tag.name, words.args]);
      if (words.remark !== undefined) remarks.push(words.remark);
    }
  }
  const pushed = pushedTags(stream);
  if (withPushed) {
    for (const { tag, digest } of pushed)
      found.push([tag, { imageStreamImage: `${stream.metadata.name}@${digest}` }]);
  } else if (pushed.length > 0) {
    remarks.push(`Not declared, because they are pushed: ${pushed.map(({ tag }) => tag).join(", ")}.`);
  }
  const accepted = acceptedTags(stream.metadata, found.toSorted(byKey));
  return { declared: accepted.declared, remarks: [...remarks, ...accepted.remarks] };
}

/** Without what a check would refuse: the server stores names and pull specs that no program may have. */
function acceptedTags({ namespace, name }: StreamKey, tags: readonly NamedArgs[]): TagsInWords {
  if (tags.length === 0) return { declared: [], remarks: [] };
  const parsed = parseArgs({ namespace, name, tags: Object.fromEntries(tags) });
  if (parsed.ok) return { declared: tags, remarks: [] };
  const reasons = new Map<string, string>();
  for (const { path, message } of parsed.issues) {
    const [property, tag] = path;
    if (property === "tags" && typeof tag === "string") reasons.set(tag, message);
  }
  // Of aliases whose target is left out the next round says so.
  const rest = acceptedTags(
    { namespace, name },
    reasons.size === 0 ? [] : tags.filter(([each]) => !reasons.has(each)),
  );
  const remarks = [...reasons].map(([tag, reason]) => notDeclared(tag, `cannot be declared: ${reason}`));
  return { declared: rest.declared, remarks: [...remarks, ...rest.remarks] };
}

function notDeclared(tag: string, reason: string): string {
  return `Not declared: the tag ${tag} ${reason}.`;
}

function pushedTags(stream: ImageStream): readonly { readonly tag: string; readonly digest: string }[] {
  const defined = new Set((stream.spec.tags ?? []).map(({ name }) => name));
  return (stream.status?.tags ?? [])
    .filter(({ tag }) => !defined.has(tag))
    .map(({ tag }) => ({ tag, digest: servedDigest(stream, tag) }))
    .filter(
      (pushed): pushed is { readonly tag: string; readonly digest: string } => pushed.digest !== undefined,
    )
    .toSorted((a, b) => byText(a.tag, b.tag));
}

function servedDigest(stream: ImageStream, tag: string): string | undefined {
  const digest = statusTag(stream, tag)?.items?.[0]?.image;
  return digest === "" ? undefined : digest;
}
