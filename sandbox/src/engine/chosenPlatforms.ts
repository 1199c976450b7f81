import type { Platform } from "../registry/publish.js";
import { engineErrors, EngineRefusal } from "./errors.js";
import type { EngineEntry, StoredImage } from "./images.js";
import { apiIsAtLeast, type EngineProfile } from "./profiles.js";

/** Whether an image is what the query `platform` asks for; a bare arm64 is v8. */
export function matchesPlatform(image: StoredImage, wanted: Platform): boolean {
  const { os, architecture } = image.platform;
  const isArchitecture = os === wanted.os && architecture === wanted.architecture;
  return isArchitecture && variantOf(image.platform) === variantOf(wanted);
}

function variantOf({ architecture, variant = "" }: Platform): string {
  return architecture === "arm64" && variant === "v8" ? "" : variant;
}

/** The query `platform`, where this engine and this version of the API honour it. */
export function askedPlatforms(
  { store }: EngineProfile,
  query: URLSearchParams,
  api: string,
  since: string,
): readonly Platform[] {
  if (store === "podman" || !apiIsAtLeast(api, since)) return [];
  return query.getAll("platform").map((text) => JSON.parse(text) as Platform);
}

/** Whether Docker knows platforms that an index lists and that were not pulled: 28 and later do. */
function seesUnpulled({ store, api }: EngineProfile): boolean {
  return store === "containerd" && apiIsAtLeast(api, "1.48");
}

/** The image that an inspection describes, which need not be pulled. Without a platform the machine's, amd64, or any. */
export function inspectedImage(
  profile: EngineProfile,
  name: string,
  { images, unpulled }: EngineEntry,
  wanted: Platform | undefined,
): StoredImage {
  const listed = seesUnpulled(profile) ? [...images, ...unpulled] : images;
  if (wanted === undefined) return ofMachine(listed) ?? images[0];
  const found = listed.find((image) => matchesPlatform(image, wanted));
  if (found === undefined) throw engineErrors(profile).otherPlatform(name, wanted);
  return found;
}

/** The images of an entry in an export; manifest.json describes the first. */
export function exportedParts(
  profile: EngineProfile,
  name: string,
  { images, isIndex }: EngineEntry,
  wanted: readonly Platform[],
): readonly [StoredImage, ...StoredImage[]] {
  const errors = engineErrors(profile);
  const [only, ...others] = wanted;
  if (only === undefined || (others.length > 0 && !isIndex)) return withMachineFirst(images);
  const parts = images.filter((image) => wanted.some((platform) => matchesPlatform(image, platform)));
  const [first, ...rest] = parts;
  if (first !== undefined) return withMachineFirst([first, ...rest]);
  throw others.length === 0 ? errors.noExport(name, only) : errors.noneOfPlatforms();
}

/** Several platforms in one export: with containerd's store, and in Docker 29. */
export function requireSeveral({ store }: EngineProfile, api: string): void {
  if (!apiIsAtLeast(api, "1.52")) {
    const message =
      "multiple platform parameters are not supported in this API version; use API version 1.52 or later";
    throw new EngineRefusal(400, { message });
  }
  if (store === "containerd") return;
  const message =
    "multiple platforms not supported for this image store; use a multi-platform image store such as containerd-snapshotter";
  throw new EngineRefusal(400, { message });
}

function withMachineFirst(images: EngineEntry["images"]): EngineEntry["images"] {
  const first = ofMachine(images) ?? images[0];
  return [first, ...images.filter((image) => image !== first)];
}

function ofMachine(images: readonly StoredImage[]): StoredImage | undefined {
  return images.find((image) => matchesPlatform(image, { os: "linux", architecture: "amd64" }));
}
