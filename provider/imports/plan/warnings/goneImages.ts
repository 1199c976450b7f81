import { parseReference, repository } from "../../../oci/names/reference.js";
import { own } from "../../../support/collections.js";
import type { ImageTag, PlacedStream } from "../../args/desiredStream.js";
import type { ImportRow } from "../../failure/explain.js";
import type { LookupPlan } from "../lookups.js";
import { isResolved } from "../tag/resolved.js";

type Rows = ReadonlyMap<string, ImportRow>;

/**
 * Images that upstream may no longer have, as tags with the digest as their source. Only those that workloads pull from
 * there, and whose tag has moved or is gone: while a tag names a digest, its registry keeps it.
 */
export function doubtfulImages(
  { known, lookups }: LookupPlan,
  rows: Rows,
  { trackUpstream }: Pick<PlacedStream, "trackUpstream">,
): readonly ImageTag[] {
  return lookups.flatMap(({ tag, purpose }) => {
    const image = own(known, tag.name);
    if (purpose !== "tracked" || tag.referencePolicy !== "Source" || !isResolved(image)) return [];
    const row = rows.get(tag.name);
    const isGone = row?.kind === "failed" && row.failure.code === "IMPORT_NOT_FOUND";
    const isLeft = row?.kind === "imported" && row.image.metadata.name !== image.digest;
    if (!isGone && !(isLeft && trackUpstream === "report")) return [];
    const parsed = parseReference(tag.image);
    if (!parsed.ok) return [];
    return [{ ...tag, image: `${repository(parsed.reference)}@${image.digest}` }];
  });
}

/** `rows` answer the doubtful images; one that could not be asked for is not called gone. */
export function goneWarnings(doubtful: readonly ImageTag[], rows: Rows): readonly string[] {
  return doubtful.flatMap(({ name, image }) => {
    const row = rows.get(name);
    if (row?.kind !== "failed" || row.failure.code !== "IMPORT_NOT_FOUND") return [];
    return [
      `${name}: ${image} is gone upstream, and workloads pull it from there (referencePolicy: "Source"): pods start only on nodes that still have it. Import what there is (trackUpstream: "follow", or another source), and use referencePolicy: "Local" where the cluster shall have a copy of its own`,
    ];
  });
}
