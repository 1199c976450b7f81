import type { Platform } from "../registry/publishImage.js";
import type { EngineEntry, EngineImages, StoredImage } from "./engineImages.js";
import { apiIsAtLeast, type EngineProfile } from "./engineProfiles.js";

/** Whether an image is what the query `platform` asks for: its variant counts only where it is asked. */
export function matchesPlatform(image: StoredImage, wanted: Platform): boolean {
  const { os, architecture, variant } = image.platform;
  const sameVariant = wanted.variant === undefined || wanted.variant === variant;
  return os === wanted.os && architecture === wanted.architecture && sameVariant;
}

/** The body of an answer to `GET /images/{name}/json`, without what is of no use here. */
export function inspectAnswer(
  images: EngineImages,
  entry: EngineEntry,
  image: StoredImage,
  profile: EngineProfile,
  api: string,
  isPlatformAsked: boolean,
): object {
  const config = JSON.parse(image.config.content.toString("utf8")) as { readonly created: string };
  const target = isPlatformAsked ? image.manifest : entry.target;
  const isContainerd = profile.store === "containerd";
  const hasDescriptor = isContainerd && apiIsAtLeast(api, "1.48");
  const answer = {
    Id: isContainerd ? target.digest : entry.id,
    RepoTags: images.tagsOf(entry.id),
    RepoDigests: images.digestsOf(entry),
    ...(apiIsAtLeast(api, "1.52") ? {} : { Parent: "", Comment: "", DockerVersion: "", Author: "" }),
    Created: config.created,
    Architecture: image.platform.architecture,
    // podman leaves the variant out.
    ...(profile.store === "podman" || image.platform.variant === undefined
      ? {}
      : { Variant: image.platform.variant }),
    Os: image.platform.os,
    Size: image.tars.reduce((sum, { content }) => sum + content.length, 0),
    RootFS: { Type: "layers", Layers: image.tars.map(({ digest }) => digest) },
    ...(hasDescriptor
      ? { Descriptor: { mediaType: target.mediaType, digest: target.digest, size: target.content.length } }
      : {}),
  };
  return apiIsAtLeast(api, "1.52") ? withoutEmptyFields(answer) : answer;
}

function withoutEmptyFields(answer: object): object {
  return Object.fromEntries(
    Object.entries(answer).filter(
      ([, value]) => value !== "" && !(Array.isArray(value) && value.length === 0),
    ),
  );
}
