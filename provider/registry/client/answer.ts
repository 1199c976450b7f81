import { isUnreachable } from "../../http/failures.js";
import { askedWaitMs, isTransientStatus, type PassingAnswer } from "../../http/retry.js";
import { hasCode } from "../../support/imageError.js";
import { excerpt } from "../../support/text/excerpt.js";
import type { HttpAnswer } from "../../http/send.js";

/** One of the errors of the distribution API. */
export interface RegistryFault {
  /** Such as BLOB_UNKNOWN. */
  readonly code: string;
  readonly message: string;
  /** Path in the registry's storage that was not found; only in answers with code UNKNOWN (facts/registries.md 7). */
  readonly storagePath: string | undefined;
}

/** The first error in the answer's JSON; undefined when it is something else, or has none. */
export function faultOf({ text }: HttpAnswer): RegistryFault | undefined {
  try {
    const { errors } = JSON.parse(text) as { readonly errors?: readonly RawFault[] };
    const first = errors?.[0];
    if (typeof first?.code !== "string") return undefined;
    const path = first.detail?.Path;
    return {
      code: first.code,
      message: typeof first.message === "string" ? first.message : "",
      storagePath: typeof path === "string" ? path : undefined,
    };
  } catch {
    return undefined;
  }
}

interface RawFault {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly detail?: { readonly Path?: unknown } | null;
}

/** Whether the registry itself answered: a router or proxy in front of it knows nothing of its content. */
export function isFromRegistry(answer: HttpAnswer): boolean {
  return "docker-distribution-api-version" in answer.headers || faultOf(answer) !== undefined;
}

/** A 404 that proves that the registry does not have it. */
export function isProvenAbsent(answer: HttpAnswer): boolean {
  return answer.status === 404 && isFromRegistry(answer);
}

/** The answer to the deletion of a missing layer link whose blob still exists (facts/registries.md 7). */
export function isMissingLayerLink(answer: HttpAnswer, digest: string): boolean {
  if (answer.status !== 500) return false;
  const path = faultOf(answer)?.storagePath ?? "";
  return path.endsWith(`/_layers/${digest.replace(":", "/")}/link`);
}

/** For messages: `HTTP 500 UNKNOWN: unknown error`. Without characters that a terminal obeys. */
export function describeAnswer(answer: HttpAnswer): string {
  const fault = faultOf(answer);
  if (fault !== undefined) {
    const path = fault.storagePath === undefined ? "" : ` (${excerpt(fault.storagePath)})`;
    return `HTTP ${answer.status} ${excerpt(fault.code, 50)}: ${excerpt(fault.message)}${path}`;
  }
  if (answer.status >= 300 && answer.status < 400) return `HTTP ${answer.status}, a redirect`;
  const { "content-type": type = "" } = answer.headers;
  if (String(type).includes("html") || /^\s*<(?:!doctype|html)/i.test(answer.text)) {
    return `HTTP ${answer.status}, an HTML page: a router, proxy or console and not the registry`;
  }
  const line = excerpt(answer.text);
  return `HTTP ${answer.status}${line === "" ? "" : `: ${line}`}`;
}

/** What `repeatedly` is told of an answer; undefined for one that counts. */
export function passingAnswer(answer: HttpAnswer): PassingAnswer | undefined {
  if (!isTransientStatus(answer.status)) return undefined;
  const waitMs = askedWaitMs(answer.headers["retry-after"]) ?? 0;
  return { waitMs, description: describeAnswer(answer) };
}

/** Whether a 401 offers Basic and nothing else. */
export function offersOnlyBasic({ headers }: HttpAnswer): boolean {
  const challenges = [headers["www-authenticate"] ?? []].flat();
  return challenges.length > 0 && challenges.every((challenge) => /^basic\b/i.test(challenge));
}

/** Whether the connection to a registry was lost, so that the same request may well succeed a moment later. */
export function isPassingFailure(error: unknown): boolean {
  return hasCode(error, "REGISTRY_UNREACHABLE") && isUnreachable(error.cause) && error.cause.transient;
}
