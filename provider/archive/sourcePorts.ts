import type { EngineArgs, ImageSource, RegistryArgs } from "./archiveArgs.js";
import type { ArchiveFiles, ImageEngine, ImageRegistry, RequestOptions, Tarballs } from "./ports.js";

/** A tag of an image stream, and where its image can be pulled. */
export interface StreamImage {
  readonly namespace: string;
  readonly name: string;
  readonly tag: string;
  readonly digest: string;
  /** By digest, at an address that can be reached from here. */
  readonly pullSpec: string;
}

export type StreamSource = Extract<ImageSource, { readonly kind: "stream" }>;

/** Image streams of the connection's cluster. */
export interface StreamImages {
  /**
   * The tags that a source stands for, sorted; empty when the stream or the tag does not exist.
   * @throws ImageError REGISTRY_UNREACHABLE when no address of the integrated registry can be reached from here
   */
  find(source: StreamSource, options: RequestOptions): Promise<readonly StreamImage[]>;
  /** For pulling what `find` answers. */
  readonly registry: ImageRegistry;
}

/** Everything that an archive is made from, opened when it is needed. */
export interface ArchivePorts {
  readonly files: ArchiveFiles;
  readonly tarballs: Tarballs;
  registry(registries: Readonly<Record<string, RegistryArgs>>): Promise<ImageRegistry>;
  /** @throws ImageError ENGINE_UNREACHABLE */
  engine(engine: EngineArgs, options: RequestOptions): Promise<ImageEngine>;
  streams(options: RequestOptions): Promise<StreamImages>;
}
