import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer as createNetServer, type Server, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { gzipSync } from "node:zlib";
import type { ServerClock } from "../http/clock.js";
import type { AnswerStream, HttpAnswer, HttpHandler, HttpRequest } from "../http/exchange.js";
import type { KeyPair } from "./certificates.js";
import { answerWithFaults } from "./faultEffects.js";
import type { FaultRules } from "./faults.js";
import type { RequestHooks } from "./requestHooks.js";
import type { RequestLog } from "./requestLog.js";

export interface ListenerOptions {
  readonly name: string;
  readonly handler: HttpHandler;
  readonly port: number;
  /** "both" answers plain HTTP and TLS on the same port, told apart by the first byte of a connection. */
  readonly protocol: "http" | "https" | "both";
  readonly keyPair: KeyPair;
  /** Authority whose client certificates are accepted. */
  readonly clientAuthority?: string;
  /** Compresses answers for clients that accept gzip. */
  readonly gzip?: boolean;
  /** Whose time the Date header tells; default this machine's. */
  readonly clock?: ServerClock;
  readonly hooks?: RequestHooks;
  readonly faults?: FaultRules;
  readonly log?: RequestLog;
}

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

// First byte of a TLS record that carries a handshake (RFC 8446, 5.1).
const tlsHandshakeByte = 22;
// Below this a compressed answer saves nothing that a test could notice.
const gzipThresholdBytes = 1024;

export async function listen(options: ListenerOptions): Promise<Listener> {
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    void serve(options, incoming, outgoing);
  };
  const server = createServer(options, onRequest);
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

type RequestListener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

function createServer(options: ListenerOptions, onRequest: RequestListener): Server {
  if (options.protocol === "http") return createHttpServer(onRequest);
  const https = createHttpsServer(
    {
      key: options.keyPair.key,
      cert: options.keyPair.certificate,
      ...(options.clientAuthority === undefined
        ? {}
        : { ca: options.clientAuthority, requestCert: true, rejectUnauthorized: false }),
    },
    onRequest,
  );
  if (options.protocol === "https") return https;
  const http = createHttpServer(onRequest);
  return createNetServer((socket) => {
    socket.once("data", (chunk: Buffer) => {
      socket.pause();
      socket.unshift(chunk);
      (chunk[0] === tlsHandshakeByte ? https : http).emit("connection", socket);
      process.nextTick(() => socket.resume());
    });
  });
}

async function serve(
  options: ListenerOptions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  try {
    if (options.clock !== undefined) outgoing.setHeader("date", options.clock.now().toUTCString());
    const request = await readRequest(incoming, outgoing);
    await options.hooks?.run(options.name, request);
    const effects = options.faults?.take(options.name, request) ?? [];
    const { answer, delivery } = await answerWithFaults(request, effects, options.handler);
    options.log?.record({
      server: options.name,
      method: request.method,
      path: request.path,
      query: request.query.toString(),
      userAgent: request.headers["user-agent"] ?? "",
      status: delivery === "whole" ? answer.status : 0,
      at: new Date().toISOString(),
    });
    if (delivery === "nothing") incoming.socket.destroy();
    else send(request, options.gzip === true ? compressed(request, answer) : answer, outgoing, delivery);
  } catch (error) {
    if (!incoming.complete || outgoing.headersSent) incoming.socket.destroy();
    else outgoing.writeHead(500, { "content-type": "text/plain" }).end(String(error));
  }
}

async function readRequest(incoming: IncomingMessage, outgoing: ServerResponse): Promise<HttpRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const gone = new AbortController();
  outgoing.on("close", () => gone.abort());
  const isTls = incoming.socket instanceof TLSSocket;
  const origin = `${isTls ? "https" : "http"}://${incoming.headers.host ?? "127.0.0.1"}`;
  const target = incoming.url ?? "/";
  const queryAt = target.indexOf("?");
  return {
    method: incoming.method ?? "GET",
    path: queryAt < 0 ? target : target.slice(0, queryAt),
    query: new URLSearchParams(queryAt < 0 ? "" : target.slice(queryAt + 1)),
    headers: incoming.headers,
    body: Buffer.concat(chunks),
    origin,
    clientCertificate: clientCertificateOf(incoming),
    signal: gone.signal,
  };
}

function clientCertificateOf(incoming: IncomingMessage): HttpRequest["clientCertificate"] {
  if (!(incoming.socket instanceof TLSSocket) || !incoming.socket.authorized) return undefined;
  // Absent from the types: after a verified handshake without a client certificate the subject is missing.
  const subject = incoming.socket.getPeerCertificate().subject as
    { CN?: string; O?: string | string[] } | undefined;
  if (subject?.CN === undefined) return undefined;
  return { commonName: subject.CN, organizations: [subject.O ?? []].flat() };
}

function compressed(request: HttpRequest, answer: HttpAnswer): HttpAnswer {
  const accepts = /\bgzip\b/.test(request.headers["accept-encoding"]?.toString() ?? "");
  if (!accepts || answer.body === undefined || answer.body.length < gzipThresholdBytes) return answer;
  return {
    ...answer,
    headers: { ...answer.headers, "content-encoding": "gzip", vary: "Accept-Encoding" },
    body: gzipSync(answer.body, { level: 1 }),
  };
}

function send(
  request: HttpRequest,
  answer: HttpAnswer,
  outgoing: ServerResponse,
  delivery: "whole" | "half",
): void {
  if (answer.stream !== undefined) {
    sendStream({ ...answer, stream: answer.stream }, outgoing, delivery);
    return;
  }
  const body = Buffer.from(answer.body ?? "");
  const length = answer.headers?.["content-length"] ?? String(body.length);
  const hasBody = answer.status !== 204 && answer.status !== 304;
  outgoing.writeHead(answer.status, { ...answer.headers, ...(hasBody ? { "content-length": length } : {}) });
  if (delivery === "whole") {
    outgoing.end(request.method === "HEAD" || !hasBody ? undefined : body);
    return;
  }
  outgoing.write(body.subarray(0, Math.ceil(body.length / 2)), () => outgoing.socket?.destroy());
}

/** Half of what does not end is its first line. */
function sendStream(
  { status, headers, stream }: HttpAnswer & { readonly stream: AnswerStream },
  outgoing: ServerResponse,
  delivery: "whole" | "half",
): void {
  outgoing.writeHead(status, { ...headers });
  outgoing.flushHeaders();
  const line = (text: string) => {
    if (outgoing.writableEnded) return;
    outgoing.write(`${text}\n`, () => delivery === "half" && outgoing.socket?.destroy());
  };
  const stop = stream(line, () => outgoing.end());
  outgoing.on("close", stop);
  if (outgoing.closed) stop();
}
