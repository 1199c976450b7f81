import { isNobodyThere, isUnreachable, speaksNoTls } from "../../http/failures.js";
import { bareMessage, type ErrorCode, ImageError, isImageError } from "../../support/imageError.js";
import type { HttpAnswer } from "../../http/send.js";
import { parseChallenges } from "../auth/challenge.js";
import { type RegistryCandidate, schemesOf } from "./addresses.js";
import { describeAnswer } from "../client/answer.js";
import type { RegistryClient, RegistryTls } from "./client.js";
import type { RegistryWording } from "./refusal.js";

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
  /** Sentences for the message when none is found, without their full stops. */
  readonly remarks?: readonly string[];
}

/** For messages; holds no secret. */
interface FailedPing {
  readonly server: string;
  readonly origin: string;
  readonly reason: string;
}

type Ping =
  | { readonly kind: "registry" }
  /** `mayBePlain`: nothing listens for TLS, or something that is not TLS. */
  | { readonly kind: "nobody"; readonly reason: string; readonly mayBePlain: boolean }
  /** Something else answered. `mayBePlain` as above. */
  | {
      readonly kind: "stranger";
      readonly reason: string;
      readonly mayBePlain: boolean;
      readonly code: ErrorCode;
    };

/**
 * The first candidate at which anybody answers, which must be a registry: after an answer that cannot be trusted no other
 * address is asked. None sees a token before that.
 * @throws ImageError REGISTRY_TLS, REGISTRY_UNREACHABLE, which list every address that was asked and why it failed; the
 * signal's reason
 */
export async function findRegistry(
  candidates: readonly RegistryCandidate[],
  tls: RegistryTls,
  clientOf: (server: string) => RegistryClient,
  options: PingOptions,
): Promise<FoundRegistry> {
  const failed: FailedPing[] = [];
  for (const candidate of candidates) {
    const schemes = schemesOf(candidate, tls);
    for (const [index, scheme] of schemes.entries()) {
      const client = clientOf(`${scheme}://${candidate.host}`);
      const ping = await askWhoIsThere(client, options);
      if (ping.kind === "registry") return { client, candidate };
      failed.push({ server: client.server, origin: candidate.origin, reason: ping.reason });
      await client.close();
      if (ping.mayBePlain && index < schemes.length - 1) continue;
      if (ping.kind === "stranger") throw strangerFound(failed, ping.code, options);
      break;
    }
  }
  throw nobodyFound(failed, options);
}

/** Asks for `/v2/`, which every registry answers to everybody (facts/registries.md 11). */
async function askWhoIsThere(
  client: RegistryClient,
  { signal, timeoutMs }: Pick<PingOptions, "signal" | "timeoutMs">,
): Promise<Ping> {
  const attempted = `reach the registry ${client.server}`;
  try {
    const answer = await client.sendAnonymously({
      method: "GET",
      path: "/v2/",
      attempted,
      signal,
      timeoutMs,
    });
    if (introducesRegistry(answer)) return { kind: "registry" };
    const reason = `${describeAnswer(answer)}: something answers that is not an image registry, or no registry that is up (${whatIsMissing(answer)} at /v2/)`;
    return { kind: "stranger", reason, mayBePlain: false, code: "REGISTRY_UNREACHABLE" };
  } catch (error) {
    if (!isImageError(error) || signal.aborted) throw error;
    const { cause } = error;
    if (!isUnreachable(cause)) {
      const reason = bareMessage(error);
      return error.code === "REGISTRY_UNREACHABLE"
        ? { kind: "nobody", reason, mayBePlain: false }
        : { kind: "stranger", reason, mayBePlain: false, code: "REGISTRY_UNREACHABLE" };
    }
    const { reason, failure } = cause;
    if (isNobodyThere(cause)) return { kind: "nobody", reason, mayBePlain: failure === "ECONNREFUSED" };
    return { kind: "stranger", reason, mayBePlain: speaksNoTls(cause), code: error.code };
  }
}

function introducesRegistry(answer: HttpAnswer): boolean {
  return hasApiVersion(answer) && (answer.status === 200 || (answer.status === 401 && hasChallenge(answer)));
}

function hasApiVersion({ headers }: HttpAnswer): boolean {
  return String(headers["docker-distribution-api-version"] ?? "").includes("registry/2");
}

function hasChallenge({ headers }: HttpAnswer): boolean {
  return parseChallenges(headers["www-authenticate"]).some(
    ({ scheme, parameters }) =>
      scheme === "basic" || (scheme === "bearer" && parameters["realm"] !== undefined),
  );
}

function whatIsMissing(answer: HttpAnswer): string {
  if (!hasApiVersion(answer)) return "no header Docker-Distribution-Api-Version";
  return answer.status === 401 ? "401 without a challenge" : "neither 200 nor 401";
}

function strangerFound(failed: readonly FailedPing[], code: ErrorCode, options: PingOptions): ImageError {
  const { advice } = options.wording;
  const stop = "No other address is asked after that, and no token was sent.";
  return new ImageError(code, [...describeFailed(failed), stop, ...sentences(options), advice].join("\n"));
}

function nobodyFound(failed: readonly FailedPing[], options: PingOptions): ImageError {
  const { advice } = options.wording;
  if (failed.length > 0) {
    const lines = [...describeFailed(failed), ...sentences(options), advice];
    return new ImageError("REGISTRY_UNREACHABLE", lines.join("\n"));
  }
  const text =
    "Cannot find the integrated registry: neither the image configuration nor a route or the service in " +
    "openshift-image-registry names it. Is it switched off (managementState: Removed)?";
  return new ImageError("REGISTRY_UNREACHABLE", [text, ...sentences(options), advice].join(" "));
}

function describeFailed(failed: readonly FailedPing[]): readonly string[] {
  const lines = failed.map(({ server, origin, reason }) => `- ${server} (${origin}): ${reason}`);
  return ["Cannot reach the integrated registry:", ...lines];
}

function sentences({ remarks = [] }: PingOptions): readonly string[] {
  return remarks.map((remark) => `${remark}.`);
}
