import type { TagReference } from "../../okd/imageStream.js";
import type { StreamKey } from "../../okd/streamName.js";
import type { Literal } from "../../support/text/literals.js";
import { byKey } from "../../support/text/spelling.js";
import { isPinned } from "../args/image.js";
import { followedTag } from "../plan/tag/source.js";

type Args = Readonly<Record<string, Literal>>;

/** A tag in the words of the program, or why the program cannot say it. */
export type TagArguments =
  | { readonly kind: "declared"; readonly args: Args; readonly remark: string | undefined }
  | { readonly kind: "undeclarable"; readonly reason: string };

/**
 * The arguments for an entry of spec.tags, with every policy that is not the default. `served`: the digest that the tag has
 * now; undefined where it has none.
 */
export function tagArguments(tag: TagReference, stream: StreamKey, served: string | undefined): TagArguments {
  const source = sourceOf(tag, stream, served);
  if (source.kind === "undeclarable") return source;
  const isImported = source.args.image !== undefined && tag.reference !== true;
  const annotations = Object.entries(tag.annotations ?? {}).sort(byKey);
  return {
    ...source,
    args: {
      ...source.args,
      ...(tag.reference === true ? { reference: true } : {}),
      ...(isImported ? importPolicies(tag) : {}),
      ...(tag.referencePolicy?.type === "Local" ? { referencePolicy: "Local" } : {}),
      ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
    },
  };
}

function importPolicies({ importPolicy = {}, from }: TagReference): Args {
  const { scheduled, insecure, importMode } = importPolicy;
  return {
    ...(scheduled === true && !isPinned(from?.name ?? "") ? { scheduled } : {}),
    ...(insecure === true ? { insecure } : {}),
    // A mode that the program leaves out is kept, and Legacy is what the server fills in.
    ...(importMode === "PreserveOriginal" ? { importMode } : {}),
  };
}

function sourceOf(tag: TagReference, stream: StreamKey, served: string | undefined): TagArguments {
  const { from } = tag;
  if (from === undefined) return { kind: "undeclarable", reason: "has no source; it is pushed to" };
  if (from.kind === "DockerImage") return declared({ image: from.name });
  const place =
    from.namespace === undefined || from.namespace === stream.namespace ? "" : `${from.namespace}/`;
  if (from.kind === "ImageStreamImage") return declared({ imageStreamImage: `${place}${from.name}` });
  if (from.kind !== "ImageStreamTag") {
    return { kind: "undeclarable", reason: `has a source of kind ${from.kind}` };
  }
  const alias = followedTag(tag, stream);
  if (alias !== undefined && tag.reference !== true) return declared({ alias });
  const named = `${place}${from.name.includes(":") ? from.name : `${stream.name}:${from.name}`}`;
  if (served === undefined) return declared({ imageStreamTag: named });
  // The server has copied it once (facts/image-streams.md 17), and the source may have moved since.
  const remark = `The tag ${tag.name} has the image that ${named} had; imageStreamTag: ${JSON.stringify(named)} takes the present one.`;
  return declared({ imageStreamImage: `${named.split(":")[0] ?? ""}@${served}` }, remark);
}

function declared(args: Args, remark?: string): TagArguments {
  return { kind: "declared", args, remark };
}
