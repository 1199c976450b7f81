import type { ApiStatus, ImageImportStatus, TagImportPolicy } from "../okd/imageStream.js";
import type { RequestOptions } from "../okd/requestOptions.js";
import type { StreamKey } from "../okd/streamName.js";

/** What a repository is asked for. */
export interface RepositorySource {
  /** Without tag and digest. */
  readonly image: string;
  readonly importPolicy: TagImportPolicy;
}

/** What the cluster answers about a whole repository. */
export interface RepositoryAnswer {
  /** A Failure also where only images of single tags could not be read. */
  readonly status: ApiStatus;
  /** Tags whose image was read, or not: the first fifty, unless the cluster is configured otherwise (facts/importing.md 19). */
  readonly images: readonly ImageImportStatus[];
  /** Names of the other tags. */
  readonly additionalTags: readonly string[];
}

/** Repositories of registries, as the cluster sees them: with its mirrors, rules, and pull secrets of the stream's namespace. */
export interface Repositories {
  /**
   * All tags of a repository. Reads two images a second, so it takes up to half a minute; stores nothing. Resolves also where
   * the registry refuses: look at the status.
   * @throws ImageError as `importImages` does
   */
  listTags(key: StreamKey, source: RepositorySource, options: RequestOptions): Promise<RepositoryAnswer>;
}
