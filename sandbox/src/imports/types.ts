import type { Image, ImageStream, ImportPolicy, ObjectReference } from "../images/stream/types.js";
import type { KubeObject } from "../kube/model/object.js";
import type { RowStatus } from "../pull/failure.js";

export interface ImageImportSpec {
  readonly from: ObjectReference;
  readonly to?: { readonly name: string };
  readonly importPolicy: ImportPolicy;
  readonly referencePolicy: { readonly type: string };
  readonly includeManifest?: boolean;
}

export interface RepositoryImportSpec {
  readonly from: ObjectReference;
  readonly importPolicy: ImportPolicy;
  readonly referencePolicy: { readonly type: string };
  readonly includeManifest?: boolean;
}

export interface ImportSpec {
  readonly import: boolean;
  readonly repository?: RepositoryImportSpec;
  readonly images?: readonly ImageImportSpec[];
}

/** One row of the answer; `image` is absent unless the import succeeded. */
export interface ImageRow {
  readonly status: RowStatus;
  readonly image?: Image;
  /** The tag at the source; absent for a digest. */
  readonly tag?: string;
  readonly manifests?: readonly Image[];
}

export interface RepositoryRow {
  readonly status: RowStatus;
  readonly images?: readonly ImageRow[];
  readonly additionalTags?: readonly string[];
}

export interface ImageStreamImport extends KubeObject {
  readonly spec: ImportSpec;
}

export interface ImportResults {
  readonly images: readonly ImageRow[];
  readonly repository?: RepositoryRow | undefined;
}

export interface StoredImport extends ImportResults {
  readonly stream: ImageStream;
}
