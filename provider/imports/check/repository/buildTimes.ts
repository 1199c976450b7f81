import type { StreamKey } from "../../../okd/streamName.js";
import type { DesiredRepository } from "../../args/desiredRepository.js";
import type { ImageTag } from "../../args/desiredStream.js";
import type { ImportRow } from "../../failure/explain.js";
import { filterTags } from "../../plan/repository/candidates.js";
import type { Listing } from "../../plan/repository/listing.js";
import type { BuildTimes } from "../../plan/repository/order.js";
import { needsBuildTimes } from "../../plan/repository/select.js";
import type { ImageStreams } from "../../ports.js";
import { lookUpTags } from "../lookUpTags.js";

/** When the images of the tags that may be selected were built, where the selection depends on it; one look-up a tag. */
export async function readBuildTimes(
  streams: ImageStreams,
  key: StreamKey,
  repository: DesiredRepository,
  listing: Listing,
  signal: AbortSignal,
): Promise<BuildTimes> {
  const filtered = filterTags(repository, listing.tags);
  if (!needsBuildTimes(repository) || filtered.kind === "tooSlow") return new Map();
  const sources = filtered.candidates.map(({ source }) => source);
  if (sources.length <= (repository.limit ?? Infinity)) return new Map();
  const known = sources.filter((source) => builtAt(listing.rows.get(source)) !== undefined);
  const unknown = sources.filter((source) => !known.includes(source));
  const tags = unknown.map((source) => legacyTag(repository, source));
  const rows = await lookUpTags(streams, key, tags, undefined, signal);
  const times = sources.map(
    (source) => [source, builtAt(listing.rows.get(source)) ?? builtAt(rows.get(source))] as const,
  );
  return new Map(times.flatMap(([source, time]) => (time === undefined ? [] : [[source, time]])));
}

/** The server gives an index the moment of the lookup as its time, and the image of one platform its own. */
function legacyTag({ image, insecure }: DesiredRepository, source: string): ImageTag {
  const policies = { scheduled: false, insecure, referencePolicy: "Source", annotations: {} } as const;
  return {
    kind: "image",
    name: source,
    image: `${image}:${source}`,
    importMode: "Legacy",
    mirror: false,
    ...policies,
  };
}

function builtAt(row: ImportRow | undefined): string | undefined {
  if (row?.kind !== "imported" || (row.image.dockerImageManifests ?? []).length > 0) return undefined;
  return row.image.dockerImageMetadata?.Created;
}
