import { isPlatform, formatPlatform, parsePlatform, type Platform } from "../../oci/platform.js";
import { type ImageMetadata, readImageMetadata } from "../../okd/imageMetadata.js";
import type { ImageImportSpec } from "../../okd/imageStream.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { sleep } from "../../support/async/abortable.js";
import { ImageError } from "../../support/imageError.js";
import { trimmedEnd } from "../../support/text/spelling.js";
import { importAdvice, type ImportFailure, readRow } from "../failure/explain.js";
import type { ImageQuestion } from "./args.js";
import type { LookupCluster } from "./ports.js";

type PlacedQuestion = ImageQuestion & { readonly namespace: string };

/** How often an image is asked for when the failure may pass. */
const attempts = 4;
const firstPauseMs = 400;

/**
 * A name that no stream has: the tags of one could prefer a platform (facts/importing.md 13). Nothing is stored under it.
 */
const nameOfNoStream = "pulumi-okd-images-lookup";

/**
 * What an image is made of, before anything is imported: the cluster reads it with its own pull secrets and mirrors.
 * @throws ImageError IMPORT_*, as an import of it would fail; REGISTRY_PLATFORM
 */
export async function lookUpImage(
  cluster: LookupCluster,
  question: PlacedQuestion,
  options: RequestOptions,
): Promise<ImageMetadata> {
  const { platform } = question;
  if (platform === undefined) return await ask(cluster, question, options);
  const found = await ask(cluster, { ...question, importMode: "PreserveOriginal" }, options);
  if (found.manifests.length === 0) {
    if (isOneOf(found.platforms, platform)) return found;
    throw otherPlatforms(question, platform, found.platforms);
  }
  const child = found.manifests.find(
    (each) => each.platform !== undefined && isOneOf([each.platform], platform),
  );
  if (child === undefined) throw otherPlatforms(question, platform, found.platforms);
  const repository = question.image.replace(/(?:@.*|:[^:/@]*(?:@.*)?)$/s, "");
  return await ask(cluster, { ...question, image: `${repository}@${child.digest}` }, options);
}

function isOneOf(platforms: readonly string[], wanted: Platform): boolean {
  const read = platforms.map(parsePlatform).filter((platform) => platform !== undefined);
  return read.some((platform) => isPlatform(platform, wanted));
}

function otherPlatforms({ image }: ImageQuestion, platform: Platform, has: readonly string[]): ImageError {
  const found = has.length === 0 ? "it names no platform" : `it is for ${has.join(", ")}`;
  return new ImageError(
    "REGISTRY_PLATFORM",
    `platform: ${image} is not for ${formatPlatform(platform)}; ${found}`,
  );
}

async function ask(
  cluster: LookupCluster,
  question: PlacedQuestion,
  { signal }: RequestOptions,
): Promise<ImageMetadata> {
  const key = { namespace: question.namespace, name: nameOfNoStream };
  for (let attempt = 1; ; attempt += 1) {
    const answer = await cluster.streams.importImages(key, [importSpec(question)], { store: false, signal });
    const row = readRow(answer.images[0]);
    if (row.kind === "imported") return readImageMetadata(row.image);
    if (!row.failure.transient || attempt === attempts)
      throw await unreadable(cluster, question, row.failure, { signal });
    await sleep(firstPauseMs * 2 ** (attempt - 1), signal);
  }
}

/** With the manifest the answer has the config as the registry holds it, which names OS and variant. */
function importSpec({ image, insecure, importMode }: ImageQuestion): ImageImportSpec {
  return {
    from: { kind: "DockerImage", name: image },
    to: { name: "image" },
    importPolicy: { insecure, ...(importMode === undefined ? {} : { importMode }) },
    includeManifest: true,
  };
}

async function unreadable(
  cluster: LookupCluster,
  { image, namespace }: PlacedQuestion,
  failure: ImportFailure,
  options: RequestOptions,
): Promise<ImageError> {
  const isDenied = failure.code === "IMPORT_UNAUTHORIZED";
  const keys = isDenied ? await cluster.diagnosis.pullSecretKeys(namespace, options) : undefined;
  const advice = importAdvice(image, failure, { namespace, keys });
  const message = trimmedEnd(failure.message, ". \n\r\t");
  const text = `image: ${image} cannot be read: ${message}.${advice === "" ? "" : ` ${advice}`}`;
  return new ImageError(failure.code, text);
}
