import type { TagReference } from "../../okd/imageStream.js";
import type { StreamKey } from "../../okd/streamName.js";
import type { Literal } from "../../support/text/literals.js";
import { byKey } from "../../support/text/spelling.js";

/** A tag in the words of the program, or why the program cannot say it. */
export type TagArguments =
  | { readonly kind: "declared"; readonly args: Readonly<Record<string, Literal>> }
  | { readonly kind: "undeclarable"; readonly reason: string };

/** The arguments for an entry of spec.tags, with every policy that is not the default. */
export function tagArguments(tag: TagReference, stream: StreamKey): TagArguments {
  const source = sourceOf(tag, stream);
  if (source.kind === "undeclarable") return source;
  const { scheduled, insecure, importMode } = tag.importPolicy ?? {};
  const annotations = Object.entries(tag.annotations ?? {}).sort(byKey);
  return {
    kind: "declared",
    args: {
      ...source.args,
      ...(scheduled === true ? { scheduled } : {}),
      ...(insecure === true ? { insecure } : {}),
      // A mode that the program leaves out is kept, and Legacy is what the server fills in.
      ...(importMode === "PreserveOriginal" ? { importMode } : {}),
      ...(tag.referencePolicy?.type === "Local" ? { referencePolicy: "Local" } : {}),
      ...(tag.reference === true ? { reference: true } : {}),
      ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
    },
  };
}

function sourceOf({ from, reference }: TagReference, stream: StreamKey): TagArguments {
  if (from === undefined) return { kind: "undeclarable", reason: "has no source; it is pushed to" };
  const { kind, name } = from;
  if (kind === "DockerImage") return { kind: "declared", args: { image: name } };
  const namespace = from.namespace ?? stream.namespace;
  const place = namespace === stream.namespace ? "" : `${namespace}/`;
  if (kind === "ImageStreamImage") return { kind: "declared", args: { imageStreamImage: `${place}${name}` } };
  if (kind !== "ImageStreamTag") return { kind: "undeclarable", reason: `has a source of kind ${kind}` };
  const alias = aliasIn(name, stream);
  if (place === "" && alias !== undefined && reference !== true) return { kind: "declared", args: { alias } };
  const full = name.includes(":") ? name : `${stream.name}:${name}`;
  return { kind: "declared", args: { imageStreamTag: `${place}${full}` } };
}

/** The tag of the same stream that `v1` or `web:v1` names. */
function aliasIn(name: string, stream: StreamKey): string | undefined {
  if (!name.includes(":")) return name;
  return name.startsWith(`${stream.name}:`) ? name.slice(stream.name.length + 1) : undefined;
}
