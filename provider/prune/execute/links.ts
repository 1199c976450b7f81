import type { RequestOptions } from "../../okd/requestOptions.js";
import type { StreamKey } from "../../okd/streamName.js";
import type { LayerLinkDeleter, ManifestLinkDeleter } from "../ports.js";
import type { PruneFailure } from "./failure.js";

/** Deletes links of one kind, none of them twice; notes failures and continues with the others. */
export interface LinkDeletions {
  readonly deleted: ReadonlySet<string>;
  readonly failures: readonly PruneFailure[];
  deleteAll(digests: readonly string[]): Promise<void>;
}

export interface LinkPorts {
  readonly layerLinks: LayerLinkDeleter;
  readonly manifestLinks: ManifestLinkDeleter;
}

/** Deletions in the repository of one stream. */
export function createLinkDeletions(
  kind: "layer-link" | "manifest-link",
  stream: StreamKey,
  ports: LinkPorts,
  options: RequestOptions,
): LinkDeletions {
  const deleted = new Set<string>();
  const failures: PruneFailure[] = [];
  const deleteLink = (digest: string) =>
    kind === "layer-link"
      ? ports.layerLinks.deleteLayerLink(stream, digest, options)
      : ports.manifestLinks.deleteManifestLink(stream, digest, options);
  return {
    deleted,
    failures,
    async deleteAll(digests) {
      for (const digest of digests.filter((each) => !deleted.has(each))) {
        try {
          await deleteLink(digest);
          deleted.add(digest);
        } catch (cause) {
          failures.push({ kind, stream, digest, cause });
        }
      }
    },
  };
}
