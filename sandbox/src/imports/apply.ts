import { addTagEvent, hasSameCondition, needsImport, setTagCondition } from "../images/stream/tagEvents.js";
import {
  type Image,
  type ImageStream,
  type ImportPolicy,
  latestEvent,
  specTag,
  type TagCondition,
  type TagEvent,
  type TagReference,
  withSpecTag,
} from "../images/stream/types.js";
import type { ImageRow, ImportResults, ImportSpec } from "./types.js";

interface TagImport {
  readonly tag: string;
  readonly from: string;
  readonly row: ImageRow;
  readonly importPolicy: ImportPolicy;
  readonly referencePolicy: { readonly type: string };
  /** A failed tag of `images` gets a spec tag, one of a repository does not. */
  readonly createsFailedTag: boolean;
}

/** The stream after the rows of an import; the same stream when nothing changes. */
export function applyImports(
  stream: ImageStream,
  spec: ImportSpec,
  results: ImportResults,
  at: string,
): ImageStream {
  const generation = (stream.metadata.generation ?? 0) + 1;
  let applied = stream;
  for (const tagImport of tagImports(spec, results)) {
    const image = tagImport.row.status.status === "Success" ? tagImport.row.image : undefined;
    applied =
      image === undefined
        ? applyFailure(applied, tagImport, generation, at)
        : applySuccess(applied, tagImport, image, generation, at);
  }
  return applied;
}

function tagImports(spec: ImportSpec, results: ImportResults): readonly TagImport[] {
  const { repository } = spec;
  const fromRepository = (results.repository?.images ?? []).flatMap((row): readonly TagImport[] => {
    if (repository === undefined || row.tag === undefined) return [];
    const { importPolicy, referencePolicy } = repository;
    const from = `${repository.from.name}:${row.tag}`;
    return [{ tag: row.tag, from, row, importPolicy, referencePolicy, createsFailedTag: false }];
  });
  const fromImages = (spec.images ?? []).flatMap(
    ({ from, to, importPolicy, referencePolicy }, index): readonly TagImport[] => {
      const row = results.images[index];
      if (to === undefined || row === undefined) return [];
      return [{ tag: to.name, from: from.name, row, importPolicy, referencePolicy, createsFailedTag: true }];
    },
  );
  return [...fromRepository, ...fromImages];
}

function applyFailure(stream: ImageStream, failed: TagImport, generation: number, at: string): ImageStream {
  const { message, reason } = failed.row.status;
  const condition: TagCondition = {
    type: "ImportSuccess",
    status: "False",
    lastTransitionTime: at,
    ...(reason === undefined ? {} : { reason }),
    message: message ?? "unknown error prevented import",
    generation,
  };
  let applied = stream;
  // An identical condition keeps its old time and generation (facts/image-streams.md 14).
  if (!hasSameCondition(stream, failed.tag, condition)) {
    applied = setTagCondition(applied, failed.tag, condition);
    const existing = specTag(applied, failed.tag);
    if (existing !== undefined) applied = withSpecTag(applied, { ...existing, generation: 0 });
  }
  const isMissing = specTag(applied, failed.tag) === undefined;
  return isMissing && failed.createsFailedTag
    ? withSpecTag(applied, importedTag(undefined, failed))
    : applied;
}

function applySuccess(
  stream: ImageStream,
  imported: TagImport,
  image: Image,
  generation: number,
  at: string,
): ImageStream {
  const { tag, importPolicy } = imported;
  const event: TagEvent = {
    created: at,
    dockerImageReference: image.dockerImageReference,
    image: image.metadata.name,
    generation,
  };
  const existing = specTag(stream, tag);
  const newest = latestEvent(stream, tag);
  const isSameImage =
    newest?.image === event.image && newest.dockerImageReference === event.dockerImageReference;
  if (existing !== undefined && isSameImage && !needsImport(stream, tag)) {
    // The import policy is overwritten even then; that alone makes no new generation of the tag.
    return setTagCondition(withSpecTag(stream, { ...existing, importPolicy }), tag, undefined);
  }
  const withTag = withSpecTag(stream, importedTag(existing, imported));
  return setTagCondition(addTagEvent(withTag, tag, event), tag, undefined);
}

/** Generation 0 asks the stream's own rules for the new one. A stored reference policy is never changed. */
function importedTag(existing: TagReference | undefined, source: TagImport): TagReference {
  return {
    name: source.tag,
    annotations: existing?.annotations ?? null,
    from: { kind: "DockerImage", name: source.from },
    ...(existing?.reference === true ? { reference: true } : {}),
    generation: 0,
    importPolicy: source.importPolicy,
    referencePolicy: existing?.referencePolicy ?? source.referencePolicy,
  };
}
