import { engineErrors } from "./errors.js";
import type { EngineEntry, EngineImages, StoredImage } from "./images.js";
import { apiIsAtLeast, type EngineProfile } from "./profiles.js";

/** The body of an answer to `GET /images/{name}/json`, without what is of no use here. */
export function inspectAnswer(
  images: EngineImages,
  entry: EngineEntry,
  image: StoredImage,
  profile: EngineProfile,
  api: string,
  isPlatformAsked: boolean,
): object {
  const isPulled = entry.images.includes(image);
  if (!isPulled && !apiIsAtLeast(profile.api, "1.52"))
    throw engineErrors(profile).unpulled(image.config.digest);
  const target = isPlatformAsked ? image.manifest : entry.target;
  const isContainerd = profile.store === "containerd";
  const hasDescriptor = isContainerd && apiIsAtLeast(api, "1.48");
  const answer = {
    Id: isContainerd ? target.digest : entry.id,
    RepoTags: images.tagsOf(entry.id),
    RepoDigests: images.digestsOf(entry),
    ...(apiIsAtLeast(api, "1.52") ? {} : { Parent: "", Comment: "", DockerVersion: "", Author: "" }),
    ...(isPulled ? configFacts(image, profile) : unknownFacts),
    ...(hasDescriptor
      ? { Descriptor: { mediaType: target.mediaType, digest: target.digest, size: target.content.length } }
      : {}),
  };
  return apiIsAtLeast(api, "1.52") ? withoutEmptyFields(answer) : answer;
}

/** What the config says. */
function configFacts(image: StoredImage, { store }: EngineProfile): object {
  const config = JSON.parse(image.config.content.toString("utf8")) as { readonly created: string };
  const { os, architecture, variant } = image.platform;
  return {
    Created: config.created,
    Architecture: architecture,
    // podman leaves the variant out.
    ...(store === "podman" || variant === undefined ? {} : { Variant: variant }),
    Os: os,
    Size: image.tars.reduce((sum, { content }) => sum + content.length, 0),
    RootFS: { Type: "layers", Layers: image.tars.map(({ digest }) => digest) },
  };
}

/** Docker 29 of a platform that was not pulled. */
const unknownFacts = { Architecture: "", Os: "", Size: 0, RootFS: { Type: "" } };

function withoutEmptyFields(answer: object): object {
  return Object.fromEntries(
    Object.entries(answer).filter(
      ([, value]) => value !== "" && !(Array.isArray(value) && value.length === 0),
    ),
  );
}
