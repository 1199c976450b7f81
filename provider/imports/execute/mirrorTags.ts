import type { ImageStream } from "../../okd/imageStream.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { own } from "../../support/collections.js";
import { bareMessage, ImageError, isImageError } from "../../support/imageError.js";
import { type ProgressClock, progressLine, withProgress } from "../../support/progress.js";
import { countOf } from "../../support/text/wording.js";
import type { PlacedStream } from "../args/desiredStream.js";
import type { ResolvedTags } from "../outputs.js";
import { isResolved } from "../plan/tag/resolved.js";
import type { Cluster } from "../ports.js";

interface MirrorProgress extends RequestOptions {
  readonly progress: (message: string) => void;
  readonly progressClock?: ProgressClock | undefined;
}

interface Served {
  readonly stream: ImageStream;
  readonly resolved: ResolvedTags;
}

/** Copies what the mirrored tags serve, one image after another; answers a line for each that could not be copied. */
export async function mirrorTags(
  { mirror }: Pick<Cluster, "mirror">,
  { tags, integratedRegistry: registry }: PlacedStream,
  { stream, resolved }: Served,
  { signal, progress, progressClock: clock }: MirrorProgress,
): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const tag of tags) {
    const image = own(resolved, tag.name);
    if (tag.kind !== "image" || !tag.mirror || !isResolved(image)) continue;
    let said: string | undefined;
    const watch = {
      signal,
      progress: (done: number, total: number) => {
        said = progressLine(`copied ${done} of ${countOf(total, "blob")} of ${tag.name}`);
      },
    };
    const order = { stream, digest: image.digest, registry };
    try {
      await withProgress({ report: progress, line: () => said, clock }, () => mirror.store(order, watch));
    } catch (error) {
      if (!isImageError(error) || signal.aborted) throw error;
      failures.push(new ImageError(error.code, `tags.${tag.name}: ${bareMessage(error)}`).message);
    }
  }
  return failures;
}
