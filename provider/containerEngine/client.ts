import type { Dispatcher } from "undici";
import { readText } from "../http/body.js";
import { repeatedly, type RetryPolicy } from "../http/retry.js";
import { ask, type HttpAnswer, type HttpRequest, send } from "../http/send.js";
import { abortReason } from "../support/async/abortable.js";
import { bareMessage, ImageError, isImageError } from "../support/imageError.js";
import type { EngineAddress } from "./address/resolve.js";
import { answerError, type EngineAnswer } from "./answer.js";
import { bodyBlocks } from "./bodyBlocks.js";
import { type EngineConnection, openConnection } from "./connection.js";
import { describeAddress, engineUnreachable, wasConnectionCut } from "./failures.js";
import { describeFacts, type EngineFacts, engineFacts, negotiateApi } from "./version.js";

interface EngineRequest {
  /** Below the API's version, its segments encoded: `/images/acme/web:v1/json`. */
  readonly path: string;
  readonly query?: readonly (readonly [name: string, value: string])[];
  /** Completes "Cannot ..." in messages: `inspect image acme/web:v1`. */
  readonly attempted: string;
  readonly signal: AbortSignal;
}

/** GET requests to one engine, in the version of the API that both sides speak. */
export interface EngineClient {
  readonly facts: EngineFacts;
  readonly api: string;
  /** `unix:///var/run/docker.sock (Docker 28.2, API 1.50)` */
  readonly description: string;
  /**
   * The whole answer, whatever its status. Asks again after a lost connection, because an idle one may just have ended.
   * @throws ImageError ENGINE_UNREACHABLE, ENGINE_ERROR for an answer that is too long, the signal's reason
   */
  readonly get: (request: EngineRequest) => Promise<EngineAnswer>;
  /**
   * The bytes of a successful answer as they come. The first one may take any time, since engines write an export to a
   * temporary folder first (facts/engines.md 10); afterwards `idleTimeoutMs` without any byte is a failure. An answer that ends before
   * its announced length, or without its last chunk, rejects.
   * @throws ImageError (the first step) as `answerError` says; (any) ENGINE_UNREACHABLE, the signal's reason
   */
  readonly stream: (request: EngineRequest) => AsyncGenerator<Uint8Array, void, undefined>;
  readonly close: () => Promise<void>;
}

export interface EngineClientSettings {
  readonly address: EngineAddress;
  /** Milliseconds for an answer that is not streamed. */
  readonly timeoutMs: number;
  /** Milliseconds; default 120,000. */
  readonly idleTimeoutMs?: number;
}

interface Wire extends Required<EngineClientSettings> {
  readonly connection: EngineConnection;
}

const maxAnswerBytes = 16 * 1024 * 1024;
const maxErrorBytes = 1024 * 1024;
const lostConnections: RetryPolicy = { attempts: 3, baseDelayMs: 100, maxDelayMs: 1000 };

/**
 * Asks who is there and agrees on a version.
 * @throws ImageError ENGINE_UNREACHABLE, ENGINE_ERROR (no container engine), ENGINE_UNSUPPORTED, the signal's reason
 */
export async function connectClient(
  settings: EngineClientSettings,
  signal: AbortSignal,
): Promise<EngineClient> {
  const wire = { idleTimeoutMs: 120_000, ...settings, connection: openConnection(settings.address.route) };
  try {
    return await introduce(wire, signal);
  } catch (error) {
    await wire.connection.dispatcher.destroy();
    throw error;
  }
}

async function introduce(wire: Wire, signal: AbortSignal): Promise<EngineClient> {
  const { address, connection } = wire;
  const where = describeAddress(address);
  const attempted = "learn the version of the container engine";
  const ping = await askRepeatedly(wire, { path: "/_ping", attempted, signal });
  const facts = engineFacts(ping.headers);
  if (ping.status !== 200) throw answerError(ping, attempted, where);
  if (facts === undefined) {
    const text = `Cannot ${attempted}: what answers at ${where} is no container engine (its answer has no Api-Version)`;
    throw new ImageError("ENGINE_ERROR", text);
  }
  const api = negotiateApi(facts, address.apiVersion, where);
  const description = `${address.host} (${describeFacts(facts, api)})`;
  const versioned = (request: EngineRequest) => ({ ...request, path: `/v${api}${request.path}` });
  return {
    facts,
    api,
    description,
    get: (request) => askRepeatedly(wire, versioned(request)),
    stream: (request) => streamed(wire, versioned(request), description),
    close: () => connection.dispatcher.close(),
  };
}

async function askRepeatedly(wire: Wire, request: EngineRequest): Promise<HttpAnswer> {
  return await repeatedly(() => askOnce(wire, request), {
    policy: lostConnections,
    signal: request.signal,
    waitAfterError: (error) => (isImageError(error) && wasConnectionCut(error.cause) ? 0 : undefined),
  });
}

async function askOnce(wire: Wire, request: EngineRequest): Promise<HttpAnswer> {
  const { timeoutMs, address, connection } = wire;
  const { attempted } = request;
  const engine = describeAddress(address);
  return await ask(connection.dispatcher, toHttpRequest(wire, request), {
    ...{ timeoutMs, attempted, maxBytes: () => maxAnswerBytes },
    failures: {
      late(cause) {
        const text = `Cannot ${attempted}: the container engine at ${engine} did not answer within ${timeoutMs / 1000} s (engine.timeoutSeconds)`;
        return new ImageError("ENGINE_UNREACHABLE", text, { cause });
      },
      unusable: (cause) =>
        new ImageError("ENGINE_ERROR", `Cannot ${attempted}: ${engine}: ${bareMessage(cause)}`, { cause }),
      unreachable: (cause) => engineUnreachable(cause, address, attempted),
    },
  });
}

async function* streamed(
  wire: Wire,
  request: EngineRequest,
  engine: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { attempted, signal } = request;
  let received = 0;
  try {
    const response = await repeatedly(() => send(wire.connection.dispatcher, toHttpRequest(wire, request)), {
      policy: lostConnections,
      signal,
      waitAfterError: (error) => (wasConnectionCut(error) ? 0 : undefined),
    });
    if (response.statusCode !== 200) {
      throw answerError(await errorAnswer(response, wire.timeoutMs), attempted, engine);
    }
    const onReceived = (bytes: number) => void (received += bytes);
    yield* bodyBlocks(response.body, { idleMs: wire.idleTimeoutMs, onReceived });
  } catch (error) {
    if (signal.aborted) throw abortReason(signal);
    if (isImageError(error)) throw error;
    const what = received === 0 ? attempted : `${attempted} (after ${received} bytes)`;
    throw engineUnreachable(error, wire.address, what);
  }
}

/** An error whose body breaks off or never comes is told by its status alone. */
async function errorAnswer(response: Dispatcher.ResponseData, timeoutMs: number): Promise<EngineAnswer> {
  const status = response.statusCode;
  const late = setTimeout(() => response.body.destroy(), timeoutMs);
  try {
    return { status, text: await readText(response, maxErrorBytes) };
  } catch {
    return { status, text: "" };
  } finally {
    clearTimeout(late);
  }
}

function toHttpRequest(wire: Wire, { path, query = [], signal }: EngineRequest): HttpRequest {
  const { origin, basePath } = wire.connection;
  const search = new URLSearchParams();
  for (const [name, value] of query) search.append(name, value);
  const pathAndQuery = `${basePath}${path}${search.size === 0 ? "" : `?${search.toString()}`}`;
  return { method: "GET", origin, path: pathAndQuery, signal };
}
