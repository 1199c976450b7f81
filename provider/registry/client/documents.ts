import type { Descriptor, StoredDocument } from "../../oci/content.js";
import { manifestTypes } from "../../oci/mediaTypes.js";
import { digestOf } from "../../oci/verify.js";
import { ImageError, isImageError } from "../../support/imageError.js";
import { repeatedly, type RetryPolicy } from "../../http/retry.js";
import type { HttpAnswer } from "../../http/send.js";
import { isPassingFailure } from "./answer.js";
import { readBytes } from "./connections.js";
import { dropBody, type PullRequest } from "./redirects.js";
import { describeForm, pullRefusal } from "./refusal.js";
import type { RepositorySession } from "./session.js";

const maxManifestBytes = 4 * 1024 * 1024;
const maxConfigBytes = 8 * 1024 * 1024;
/** For a document whose connection is lost half-way. */
const readPolicy: RetryPolicy = { attempts: 3, baseDelayMs: 0, maxDelayMs: 0 };
const accept = manifestTypes.join(", ");

/**
 * The digest that a tag names, by one cheap HEAD; by the document itself where the registry does not do that.
 * @throws ImageError REGISTRY_*
 */
export async function readDigest(
  session: RepositorySession,
  tag: string,
  signal: AbortSignal,
): Promise<string> {
  const attempted = `find out what ${repositoryOf(session)}:${tag} is`;
  const request = { path: `manifests/${tag}`, headers: { accept }, attempted, signal };
  const head = await session.send({ ...request, method: "HEAD" });
  if (head.kind === "content") {
    dropBody(head.response);
    const named = namedDigest(head.response.headers);
    if (named !== undefined) return named;
  }
  // A HEAD that is refused has no body that could explain it.
  return (await readManifestDocument(session, tag, signal)).descriptor.digest;
}

/**
 * A manifest or index by tag or digest, verified; its type is what the server says.
 * @throws ImageError REGISTRY_*; REGISTRY_CORRUPT when the content is not what was asked for
 */
export async function readManifestDocument(
  session: RepositorySession,
  tagOrDigest: string,
  signal: AbortSignal,
): Promise<StoredDocument> {
  const isDigest = tagOrDigest.includes(":");
  const attempted = `read the manifest of ${repositoryOf(session)}${isDigest ? "@" : ":"}${tagOrDigest}`;
  const request = {
    method: "GET",
    path: `manifests/${tagOrDigest}`,
    headers: { accept },
    attempted,
    signal,
  } as const;
  const { bytes, headers } = await readAll(session, request, maxManifestBytes);
  const named = namedDigest(headers);
  const wanted = isDigest ? tagOrDigest : named;
  const digest = digestOf(bytes, wanted);
  if (wanted !== undefined && wanted !== digest) {
    throw otherDigest(
      attempted,
      digest,
      headers,
      isDigest ? "" : ` although ${session.source.host} says ${wanted}`,
    );
  }
  const form = describeForm(headers);
  if (wanted === undefined && form !== undefined) {
    throw new ImageError(
      "REGISTRY_ERROR",
      `Cannot ${attempted}: what came may not be what is stored. ${form}`,
    );
  }
  const mediaType = String(headers["content-type"] ?? "").replace(/;.*$/s, "");
  return { descriptor: { mediaType, digest, size: bytes.length }, bytes };
}

/** A config blob, verified. @throws ImageError REGISTRY_* */
export async function readConfigBlob(
  session: RepositorySession,
  { digest, size }: Descriptor,
  signal: AbortSignal,
): Promise<Buffer> {
  const attempted = `read the config ${digest} of ${repositoryOf(session)}`;
  if (size > maxConfigBytes) {
    const text = `it has ${size} bytes, and configs have at most ${maxConfigBytes}`;
    throw new ImageError("REGISTRY_UNSUPPORTED", `Cannot ${attempted}: ${text}`);
  }
  const request = { method: "GET", path: `blobs/${digest}`, attempted, signal } as const;
  const { bytes, headers } = await readAll(session, request, size);
  const actual = digestOf(bytes, digest);
  if (actual === digest) return bytes;
  throw otherDigest(attempted, actual, headers);
}

function otherDigest(
  attempted: string,
  digest: string,
  headers: HttpAnswer["headers"],
  although = "",
): ImageError {
  const advice = describeForm(headers) ?? "Try again";
  return new ImageError(
    "REGISTRY_CORRUPT",
    `Cannot ${attempted}: what came has the digest ${digest}${although}. ${advice}`,
  );
}

export function repositoryOf({ source }: RepositorySession): string {
  return `${source.host}/${source.repository}`;
}

/** A hint: the digest of the content is what counts. */
function namedDigest(headers: HttpAnswer["headers"]): string | undefined {
  const named = String(headers["docker-content-digest"] ?? "");
  return /^sha256:[0-9a-f]{64}$/.test(named) ? named : undefined;
}

interface ReadDocument {
  readonly bytes: Buffer;
  readonly headers: HttpAnswer["headers"];
}

/** Tries again after a connection that was lost within the document; `session.send` itself repeats what fails before. */
async function readAll(
  session: RepositorySession,
  request: PullRequest,
  maxBytes: number,
): Promise<ReadDocument> {
  const readOnce = async (): Promise<ReadDocument | ImageError> => {
    const answer = await session.send(request);
    if (answer.kind === "refused") throw pullRefusal(session, answer, request.attempted);
    const { response, url } = answer;
    try {
      return { bytes: await readBytes(response, maxBytes, request.attempted), headers: response.headers };
    } catch (error) {
      return isImageError(error) ? error : session.bodyFailure(error, url, request);
    }
  };
  const read = await repeatedly(readOnce, {
    ...{ policy: readPolicy, signal: request.signal, waitAfterError: () => undefined },
    waitAfterAnswer: (read) =>
      isImageError(read) && isPassingFailure(read) ? { waitMs: 0, description: read.message } : undefined,
  });
  if (isImageError(read)) throw read;
  return read;
}
