import assert from "node:assert/strict";
import type { TokenSource } from "../../../provider/http/credentials.js";
import type { RegistryCandidate } from "../../../provider/registry/integrated/addresses.js";
import {
  type IntegratedRegistry,
  openIntegratedRegistry,
  type RegistryOptions,
} from "../../../provider/registry/integrated/operations.js";
import { type ImageError, isImageError } from "../../../provider/support/imageError.js";
import { never } from "../clients/cluster.js";
import { type Answer, type SeenRequest, startServer, type TestServer } from "./scripted.js";

/** Header of every answer of a registry. */
export const apiVersion = { "docker-distribution-api-version": "registry/2.0" } as const;

export interface RegistryServer extends TestServer {
  readonly candidate: RegistryCandidate;
  /** Requests since the registry was found. */
  readonly asked: () => readonly SeenRequest[];
}

export function fault(status: number, code: string, detail?: unknown): Answer {
  const error = { code, message: `this is ${code}`, ...(detail === undefined ? {} : { detail }) };
  return { status, headers: apiVersion, body: { errors: [error] } };
}

export function challenge(value: string): Answer {
  const answer = fault(401, "UNAUTHORIZED", null);
  return { ...answer, headers: { ...apiVersion, "www-authenticate": value } };
}

/** The answers by which a registry is recognised, before any credentials are sent. */
export function answerPing({ url, headers }: SeenRequest): Answer | undefined {
  if (url !== "/v2/" || headers.authorization !== undefined) return undefined;
  return challenge('Bearer realm="http://127.0.0.1:5700/openshift/token"');
}

/** A registry on loopback without TLS that gives these answers in turn, the last one for good. */
export async function serveRegistry(...answers: readonly Answer[]): Promise<RegistryServer> {
  let next = 0;
  return await serveRegistryBy(() => {
    const answer = answers[Math.min(next, answers.length - 1)];
    next += 1;
    return answer ?? {};
  });
}

export async function serveRegistryBy(respond: (request: SeenRequest) => Answer): Promise<RegistryServer> {
  const server = await startServer((request) => answerPing(request) ?? respond(request));
  return {
    ...server,
    candidate: candidateFor(server.url),
    asked: () => server.seen.filter((request) => answerPing(request) === undefined),
  };
}

/** With the scheme of the URL. */
export function candidateFor(url: string, origin = "registry.url"): RegistryCandidate {
  const { protocol, host } = new URL(url);
  return { host, scheme: protocol === "http:" ? "http" : "https", origin };
}

export function fixedToken(token: string): TokenSource {
  return { token: () => Promise.resolve(token), renew: () => Promise.resolve(false) };
}

export async function openRegistry(
  candidate: RegistryCandidate,
  changes: Partial<RegistryOptions> = {},
): Promise<IntegratedRegistry> {
  return await openIntegratedRegistry({
    candidates: [candidate],
    tls: {},
    credentials: fixedToken("t0ken"),
    timeouts: { requestMs: 5_000, pingMs: 5_000 },
    retry: { attempts: 3, baseDelayMs: 1, maxDelayMs: 1 },
    signal: never,
    ...changes,
  });
}

/** The ImageError that the work ends with. */
export async function failureOf(work: Promise<unknown>): Promise<ImageError> {
  try {
    await work;
  } catch (error) {
    assert.ok(isImageError(error), String(error));
    return error;
  }
  throw new Error("it should have failed");
}
