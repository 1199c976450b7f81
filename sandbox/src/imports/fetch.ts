import { type ImageReference, parseReference } from "../images/reference.js";
import { type Image, type ImageStream, specTag } from "../images/stream/types.js";
import { without } from "../kube/model/object.js";
import { failure, internalErrorRow, RegistryFailure, type RowStatus, rowSuccess } from "../pull/failure.js";
import type { ImageSource } from "../pull/imageSource.js";
import type { FaultRules } from "../server/faults.js";
import { orderedTags } from "./tagOrder.js";
import type {
  ImageImportSpec,
  ImageRow,
  ImportResults,
  ImportSpec,
  RepositoryImportSpec,
  RepositoryRow,
} from "./types.js";

export interface FetchParts {
  readonly source: ImageSource;
  readonly faults: FaultRules;
  /** The stream as it is stored, whose tags may prefer a platform. */
  readonly stream: ImageStream | undefined;
  readonly maximumTags: number;
  readonly signal: AbortSignal;
}

interface RequestParts extends FetchParts {
  readonly isStoring: boolean;
}

/** Reads everything that a request names, one after another as the server does: first images, then the repository. */
export async function fetchImports(spec: ImportSpec, parts: FetchParts): Promise<ImportResults> {
  const images: ImageRow[] = [];
  const request = { ...parts, isStoring: spec.import };
  for (const image of spec.images ?? []) images.push(await fetchRow(image, request));
  const repository =
    spec.repository === undefined ? undefined : await fetchRepository(spec.repository, request);
  return { images, repository };
}

async function fetchRow(spec: ImageImportSpec, parts: RequestParts): Promise<ImageRow> {
  const reference = parseReference(spec.from.name);
  const row = await fetchImage(reference, spec.from.name, spec, spec.to?.name, parts);
  return spec.to === undefined ? row : withFault(row, spec.to.name, parts);
}

async function fetchImage(
  reference: ImageReference,
  name: string,
  { importPolicy: policy, includeManifest = false }: RepositoryImportSpec,
  to: string | undefined,
  { source, stream, signal, isStoring }: RequestParts,
): Promise<ImageRow> {
  const tag = reference.digest === "" ? (reference.tag === "" ? "latest" : reference.tag) : undefined;
  const tagged = tag === undefined ? {} : { tag };
  const annotations = stream === undefined || to === undefined ? undefined : specTag(stream, to)?.annotations;
  const preference = {
    os: annotations?.["importer.image.openshift.io/prefer-os"],
    architecture: annotations?.["importer.image.openshift.io/prefer-arch"],
  };
  try {
    const keepsIndex = policy.importMode === "PreserveOriginal";
    const { image, manifests } = await source.load(
      reference,
      policy.insecure === true,
      keepsIndex,
      preference,
    );
    // The server takes the content out of what it stores, and in a preview out of the image, but not out of its children.
    const shownManifests = isStoring ? manifests?.map(withoutContent) : manifests;
    const children = shownManifests === undefined ? {} : { manifests: shownManifests };
    return {
      status: rowSuccess,
      image: includeManifest && !isStoring ? image : withoutContent(image),
      ...tagged,
      ...children,
    };
  } catch (error) {
    signal.throwIfAborted();
    return { status: rowOf(error, name), ...tagged };
  }
}

async function fetchRepository(spec: RepositoryImportSpec, parts: RequestParts): Promise<RepositoryRow> {
  const reference = parseReference(spec.from.name);
  let tags: readonly string[];
  try {
    tags = orderedTags(await parts.source.client(reference, spec.importPolicy.insecure === true).tags());
  } catch (error) {
    parts.signal.throwIfAborted();
    return { status: rowOf(error, spec.from.name) };
  }
  const images: ImageRow[] = [];
  for (const tag of tags.slice(0, parts.maximumTags)) {
    const tagged = { ...reference, tag };
    const row = await fetchImage(tagged, `${spec.from.name}:${tag}`, spec, undefined, parts);
    images.push(withFault(row, tag, parts));
  }
  const additionalTags = tags.slice(parts.maximumTags);
  return {
    status: repositoryStatus(images),
    ...(images.length === 0 ? {} : { images }),
    ...(additionalTags.length === 0 ? {} : { additionalTags }),
  };
}

function repositoryStatus(images: readonly ImageRow[]): RowStatus {
  const failed = images.filter((row) => row.status.status === "Failure").length;
  if (failed === 0) return rowSuccess;
  const failures = failed === 1 ? "one" : String(failed);
  return failure(`${failures} of the images from this repository failed to import`, "ImportFailed");
}

function rowOf(error: unknown, name: string): RowStatus {
  if (error instanceof RegistryFailure) return error.toRow(name);
  return internalErrorRow(`${name}: ${error instanceof Error ? error.message : String(error)}`);
}

function withFault(row: ImageRow, to: string, { isStoring, faults }: RequestParts): ImageRow {
  const fault = faults.takeImportRow(to, isStoring);
  if (fault === undefined) return row;
  const tag = row.tag === undefined ? {} : { tag: row.tag };
  if (fault.row === "successWithoutImage") return { status: rowSuccess, ...tag };
  const { code, reason, message } = fault.row;
  return { status: { ...failure(message, reason), code }, ...tag };
}

function withoutContent(image: Image): Image {
  return without(image, "dockerImageManifest", "dockerImageConfig");
}
