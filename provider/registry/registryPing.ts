import { isUnreachable } from "../openshift/transport/failures.js";
import { bareMessage, ImageError, isImageError } from "../support/imageError.js";
import type { RegistryCandidate } from "./registryAddress.js";
import { schemesOf } from "./registryAddress.js";
import { describeAnswer, isFromRegistry } from "./registryAnswer.js";
import type { RegistryClient, RegistryTls } from "./registryClient.js";
import type { RegistryWording } from "./registryWording.js";

/** A registry that answered. */
export interface FoundRegistry {
  readonly client: RegistryClient;
  readonly candidate: RegistryCandidate;
}

export interface PingOptions {
  readonly signal: AbortSignal;
  /** Milliseconds for one question. */
  readonly timeoutMs: number;
  readonly wording: RegistryWording;
}

/** For messages; nothing of them is a secret. */
interface FailedPing {
  readonly server: string;
  readonly origin: string;
  readonly reason: string;
}

/**
 * The first candidate behind which a registry answers. No candidate sees a token before that.
 * @throws ImageError REGISTRY_UNREACHABLE, which lists every address and why it failed; the signal's reason
 */
export async function findRegistry(
  candidates: readonly RegistryCandidate[],
  tls: RegistryTls,
  clientOf: (server: string) => RegistryClient,
  options: PingOptions,
): Promise<FoundRegistry> {
  const failed: FailedPing[] = [];
  for (const candidate of candidates) {
    for (const scheme of schemesOf(candidate, tls)) {
      const client = clientOf(`${scheme}://${candidate.host}`);
      const reason = await whyUnusable(client, options);
      if (reason === undefined) return { client, candidate };
      failed.push({ server: client.server, origin: candidate.origin, reason });
      await client.close();
    }
  }
  throw noRegistry(failed, options.wording);
}

/** As `oc` looks whether it is alive, and then whether it is a registry (prune.md 1.7, 5). */
async function whyUnusable(
  client: RegistryClient,
  options: Pick<PingOptions, "signal" | "timeoutMs">,
): Promise<string | undefined> {
  const attempted = `reach the registry ${client.server}`;
  const { signal, timeoutMs } = options;
  const get = (path: string) => client.sendAnonymously({ method: "GET", path, attempted, signal, timeoutMs });
  try {
    const root = await get("/");
    const alive = root.status === 200 ? root : await get("/healthz");
    if (alive.status !== 200) return describeAnswer(alive);
    if (isFromRegistry(await get("/v2/"))) return undefined;
    return "something answers that is not an image registry (no header Docker-Distribution-Api-Version at /v2/)";
  } catch (error) {
    if (!isImageError(error) || options.signal.aborted) throw error;
    return isUnreachable(error.cause) ? error.cause.reason : bareMessage(error);
  }
}

function noRegistry(failed: readonly FailedPing[], { advice }: RegistryWording): ImageError {
  if (failed.length === 0) {
    const text =
      "Cannot find the integrated registry: neither the image configuration nor a route, stream or image names it.";
    return new ImageError(
      "REGISTRY_UNREACHABLE",
      `${text} Is it switched off (managementState: Removed)? ${advice}`,
    );
  }
  const lines = failed.map(({ server, origin, reason }) => `- ${server} (${origin}): ${reason}`);
  const text = ["Cannot reach the integrated registry:", ...lines, advice].join("\n");
  return new ImageError("REGISTRY_UNREACHABLE", text);
}
