import type { StreamKey } from "../../../okd/streamName.js";
import { sleep } from "../../../support/async/abortable.js";
import { bareMessage, type ErrorCode, hasCode } from "../../../support/imageError.js";
import type { DesiredRepository } from "../../args/desiredRepository.js";
import { type ListingRead, readListing } from "../../plan/repository/listing.js";
import type { Repositories } from "../../repositories.js";

const attempts = 3;
const firstPauseMs = 400;

/** Errors of a request that concern the repository only; those of the second list may pass by themselves. */
const lasting: readonly ErrorCode[] = ["API_FORBIDDEN", "API_INVALID", "IMPORT_REGISTRY_NOT_ALLOWED"];
const passing: readonly ErrorCode[] = ["API_TIMEOUT", "API_UNREACHABLE"];

/** The tags of a repository upstream, or why they cannot be listed. @throws ImageError NAMESPACE_NOT_FOUND and others */
export async function listRepository(
  repositories: Repositories,
  key: StreamKey,
  repository: DesiredRepository,
  signal: AbortSignal,
): Promise<ListingRead> {
  for (let attempt = 1; ; attempt += 1) {
    const read = await listOnce(repositories, key, repository, signal);
    if (read.kind === "listed" || !read.failure.transient || attempt === attempts) return read;
    await sleep(firstPauseMs * 2 ** (attempt - 1), signal);
  }
}

async function listOnce(
  repositories: Repositories,
  key: StreamKey,
  { image, insecure, importMode }: DesiredRepository,
  signal: AbortSignal,
): Promise<ListingRead> {
  const importPolicy = { insecure, ...(importMode === undefined ? {} : { importMode }) };
  try {
    return readListing(await repositories.listTags(key, { image, importPolicy }, { signal }));
  } catch (error) {
    if (!hasCode(error, ...lasting, ...passing)) throw error;
    const transient = passing.includes(error.code);
    return { kind: "failed", failure: { code: error.code, message: bareMessage(error), transient } };
  }
}
