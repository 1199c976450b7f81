import type { Repositories, RepositoryAnswer, RepositorySource } from "../../imports/repositories.js";
import type { ApiStatus, ImageImportStatus } from "../../okd/imageStream.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import type { StreamKey } from "../../okd/streamName.js";
import { ImageError } from "../../support/imageError.js";
import type { ClusterClient } from "../api/client.js";
import { postImport } from "./streams.js";

/** Repositories as a live cluster sees them. */
export function clusterRepositories(client: ClusterClient): Repositories {
  return { listTags: (key, source, options) => listTags(client, key, source, options) };
}

async function listTags(
  client: ClusterClient,
  key: StreamKey,
  { image, importPolicy }: RepositorySource,
  { signal }: RequestOptions,
): Promise<RepositoryAnswer> {
  const attempted = `list the tags of ${image}`;
  const repository = { from: { kind: "DockerImage", name: image }, importPolicy };
  const spec = { import: false, repository };
  const { status } = await postImport<RepositoryImportAnswer>(client, key, spec, { attempted, signal });
  const answer = status?.repository;
  if (answer?.status === undefined)
    throw new ImageError(
      "API_ERROR",
      `Cannot ${attempted}: the cluster answered nothing about the repository`,
    );
  return {
    status: answer.status,
    images: answer.images ?? [],
    additionalTags: answer.additionalTags ?? [],
  };
}

interface RepositoryImportAnswer {
  readonly status?: {
    readonly repository?: {
      readonly status?: ApiStatus;
      readonly images?: readonly ImageImportStatus[] | null;
      readonly additionalTags?: readonly string[] | null;
    } | null;
  };
}
