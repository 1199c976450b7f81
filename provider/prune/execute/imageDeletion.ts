import type { RequestOptions } from "../../okd/requestOptions.js";
import type { ImageDeletion } from "../plan/decision.js";
import type { BlobDeleter, ImageDeleter } from "../ports.js";
import type { PruneFailure } from "./failure.js";
import type { ImageResult } from "./outcome.js";

export interface ImagePorts {
  readonly blobs: BlobDeleter;
  readonly images: ImageDeleter;
}

/** Deletes blobs first, so that an interrupted run finds the Image again; keeps the Image if none of its blobs could be deleted. */
export async function executeImageDeletion(
  { digest: image, blobs, manifestBlob }: ImageDeletion,
  uid: string,
  ports: ImagePorts,
  options: RequestOptions,
): Promise<ImageResult> {
  const steps = [
    ...blobs.map((digest) => ({ kind: "blob" as const, digest })),
    ...(manifestBlob ? [{ kind: "manifest-blob" as const, digest: image }] : []),
  ];
  const deleted: string[] = [];
  const failures: PruneFailure[] = [];
  for (const step of steps) {
    if (options.signal.aborted) break;
    try {
      await ports.blobs.deleteBlob(step.digest, options);
      deleted.push(step.digest);
    } catch (cause) {
      failures.push({ ...step, image, cause });
    }
  }
  const result = { digest: image, blobs: deleted, isDeleted: false, failures };
  if (options.signal.aborted || (steps.length > 0 && deleted.length === 0)) return result;
  try {
    const answer = await ports.images.deleteImage({ digest: image, uid }, options);
    return { ...result, isDeleted: answer === "deleted" };
  } catch (cause) {
    return { ...result, failures: [...failures, { kind: "image", image, cause }] };
  }
}
