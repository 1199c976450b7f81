import type { Platform } from "../../oci/platform.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import type { FoundImage } from "../filePorts.js";
import type { ContentImage } from "../outputs.js";

/** An image for the archive. */
export interface SourceImage {
  /** What the user wrote, or the stream's tag that a glob stands for; ` as ` another name where it gets one. */
  readonly key: string;
  /** Digests of its configs, where they were read. */
  readonly configs: readonly string[];
  readonly content: ContentImage;
  readonly origin: ImageOrigin;
  /** Pulled from the stream's own source, because the integrated registry cannot be reached. */
  readonly detour?: Detour;
}

interface Detour {
  /** `shop/web:v1` */
  readonly tag: string;
  /** `quay.io/acme/web` */
  readonly repository: string;
}

/** Where the bytes come from. */
type ImageOrigin =
  | { readonly kind: "registry"; readonly find: (options: RequestOptions) => Promise<FoundImage> }
  | EngineOrigin
  /** Not imported yet: nothing to export before the update. */
  | { readonly kind: "pending" };

export interface EngineOrigin {
  readonly kind: "engine";
  readonly reference: string;
  /** Those that were chosen, each once; empty for the engine's own choice. */
  readonly platforms: readonly Platform[];
  /** Digests of the manifests of several that were chosen, in their order; else empty. */
  readonly manifests: readonly string[];
}
