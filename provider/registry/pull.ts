import type { FoundImage } from "../archive/filePorts.js";
import type { ImageRegistry } from "../archive/ports.js";
import type { ImageTree } from "../oci/content.js";
import { pullReference, type PullReference } from "../oci/names/pullReference.js";
import type { RequestOptions } from "../okd/requestOptions.js";
import { bareMessage, ImageError, isImageError } from "../support/imageError.js";
import { credentialHelpers } from "./auth/credentialHelper.js";
import { findCredential } from "./auth/credentials.js";
import { createAuthorisation } from "./auth/header.js";
import { streamBlob } from "./client/blobStream.js";
import { hostConnections } from "./client/connections.js";
import { readDigest } from "./client/documents.js";
import { findImage } from "./client/findImage.js";
import { isOwnBlob } from "./client/ownBlob.js";
import { repositorySession, type RepositorySession } from "./client/session.js";
import { defaultLimits, type ImageRegistrySettings, type PullLimits } from "./settings/hosts.js";
import { type PullSource, pullSources } from "./settings/mirrors.js";
import { readRegistriesConf, type RegistryRule } from "./settings/registriesConf.js";

/** Also tells where blobs are. */
export interface PulledRegistry extends ImageRegistry {
  /** Whether the registry has a blob of the reference's repository in its own storage: see `isOwnBlob`. */
  hasOwn(reference: string, digest: string, options: RequestOptions): Promise<boolean>;
}

/**
 * Images in registries, pulled without any daemon. Keeps connections, tokens and what it knows about repositories as long as
 * it lives; nothing has to be closed.
 */
export function createImageRegistry(settings: ImageRegistrySettings): PulledRegistry {
  const limits: PullLimits = { ...defaultLimits, ...settings.limits };
  const sessionFor = sessions(settings, limits);
  let rules: Promise<readonly RegistryRule[]> | undefined;

  const fromFirst = async <T>(
    reference: PullReference,
    work: (session: RepositorySession) => Promise<T>,
    { signal }: RequestOptions,
  ): Promise<T> => {
    rules ??= readRegistriesConf(settings.machine);
    const sources = pullSources(reference, await rules, settings);
    return await firstThatHas(sources.map(sessionFor), work, signal);
  };

  return {
    async digestOf(text, options) {
      const reference = parsed(text);
      if (reference.digest !== undefined) return reference.digest;
      return await fromFirst(
        reference,
        async (session) => await readDigest(session, reference.tag ?? "latest", options.signal),
        options,
      );
    },
    async find(text, platforms, options) {
      const reference = parsed(text);
      const tagOrDigest = reference.digest ?? reference.tag ?? "latest";
      const wanted = platforms?.length === 0 ? undefined : platforms;
      return await fromFirst(
        reference,
        async (session) =>
          foundIn(session, await findImage(session, tagOrDigest, wanted, options.signal), limits),
        options,
      );
    },
    hasOwn: async (text, digest, options) =>
      await fromFirst(parsed(text), (session) => isOwnBlob(session, digest, options.signal), options),
  };
}

function foundIn(session: RepositorySession, tree: ImageTree, { resumes }: PullLimits): FoundImage {
  return { tree, blobs: { read: (blob, { signal }) => streamBlob(session, blob, { signal, resumes }) } };
}

/** @throws ImageError ARGUMENT_INVALID */
function parsed(text: string): PullReference {
  const verdict = pullReference(text);
  if (verdict.ok) return verdict.reference;
  throw new ImageError("ARGUMENT_INVALID", verdict.reason);
}

function sessions(
  settings: ImageRegistrySettings,
  limits: PullLimits,
): (source: PullSource) => RepositorySession {
  const { onSecret } = settings;
  const { idleMs, retry, helperMs } = limits;
  const ask = credentialHelpers(helperMs, settings.machine.variable("PATH"));
  const connections = hostConnections(settings);
  const known = new Map<string, RepositorySession>();
  return (source) => {
    const key = JSON.stringify(source);
    const before = known.get(key);
    if (before !== undefined) return before;
    const { host, repository } = source;
    const authorisation = createAuthorisation({
      scope: `repository:${repository}:pull`,
      find: (signal) => findCredential(settings, ask, { host, repository }, signal),
      onSecret,
    });
    const session = repositorySession(source, { connections, authorisation, idleMs, retry });
    known.set(key, session);
    return session;
  };
}

/** The last source is the registry itself: its refusal is reported, together with those of the mirrors. */
async function firstThatHas<T>(
  candidates: readonly RepositorySession[],
  work: (session: RepositorySession) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const refused: string[] = [];
  for (const [index, session] of candidates.entries()) {
    try {
      return await work(session);
    } catch (error) {
      if (signal.aborted || !isImageError(error) || error.code === "CONNECTION_INVALID") throw error;
      if (index < candidates.length - 1) {
        refused.push(bareMessage(error));
        continue;
      }
      if (refused.length === 0) throw error;
      const text = [bareMessage(error), "Its mirrors could not help:", ...refused.map((each) => `- ${each}`)];
      throw new ImageError(error.code, text.join("\n"), { cause: error });
    }
  }
  throw new ImageError("REGISTRY_ERROR", "there is no registry to ask");
}
