import { archiveName } from "../../oci/names/archiveName.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { mapConcurrently } from "../../support/async/concurrency.js";
import { ImageError } from "../../support/imageError.js";
import type { ArchiveArgs } from "../args/parsed.js";
import type { ContentImage } from "../outputs.js";
import type { SourceImage } from "../plan/resolvedImage.js";
import type { ArchivePorts } from "../ports.js";
import { resolveEngineImage } from "./resolveEngineImage.js";
import { resolveRegistryImage } from "./resolveRegistryImage.js";
import { openedOnce, resolveStreamImages } from "./resolveStreamImages.js";

export interface ResolveImagesRequest {
  readonly args: ArchiveArgs;
  /** What the last run has recorded, so that unchanged digests need no request. */
  readonly known: Readonly<Record<string, ContentImage>>;
  readonly isPreview: boolean;
}

export interface ResolveOptions extends RequestOptions {
  readonly log: { readonly warn: (message: string) => void };
}

const atATime = 4;

/** Finds out which image every entry is. @throws ImageError of the source that cannot answer */
export async function resolveContent(
  ports: ArchivePorts,
  { args, known, isPreview }: ResolveImagesRequest,
  options: ResolveOptions,
): Promise<readonly SourceImage[]> {
  const openIntegrated = openedOnce(ports, args.integratedRegistry, options);
  const resolved = await mapConcurrently(args.images, atATime, async (image, index) => {
    const { source } = image;
    switch (source.kind) {
      case "registry":
        return [
          await resolveRegistryImage(
            await ports.registry(args.registries),
            source.reference,
            image,
            known,
            options,
          ),
        ];
      case "engine":
        return [
          await resolveEngineImage(
            await ports.engine(args.engine, options),
            { ...image, reference: source.reference, argument: `images[${index}]` },
            options,
          ),
        ];
      case "stream":
        return await resolveStreamImages(
          { ports, args, known, isPreview, openIntegrated },
          source,
          image,
          options,
        );
    }
  });
  const images = resolved.flat();
  requireOwnNames(images);
  return images;
}

/** Several entries may be one image, but one name must not be two images, which globs of tags reveal only now. */
function requireOwnNames(images: readonly SourceImage[]): void {
  const owners = new Map<string, SourceImage>();
  for (const image of images) {
    for (const name of image.content.names.map(archiveName)) {
      const owner = owners.get(name) ?? image;
      owners.set(name, owner);
      if (owner.content.digest === image.content.digest) continue;
      const advice = "give one of them another name with as";
      throw new ImageError(
        "ARGUMENT_INVALID",
        `images: ${owner.key} and ${image.key} would both be ${name} in the archive; ${advice}`,
      );
    }
  }
}
