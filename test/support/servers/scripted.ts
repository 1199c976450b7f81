import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: string;
  readonly clientCertificate: string | undefined;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Objects are sent as JSON. */
  readonly body?: unknown;
  /** Cuts the connection instead of answering. */
  readonly cut?: boolean;
  /** Never answers. */
  readonly stall?: boolean;
}

export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly seen: SeenRequest[];
  readonly close: () => Promise<void>;
}

export type Respond = (request: SeenRequest, index: number) => Answer;

/** A loopback server that answers what `respond` says; with `tls` over HTTPS. */
export async function startServer(respond: Respond, tls?: https.ServerOptions): Promise<TestServer> {
  const seen: SeenRequest[] = [];
  const listener: http.RequestListener = (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const peer =
        "getPeerCertificate" in incoming.socket ? (incoming.socket as PeerSocket).getPeerCertificate() : {};
      const request = {
        method: incoming.method ?? "",
        url: incoming.url ?? "",
        headers: incoming.headers,
        rawHeaders: incoming.rawHeaders,
        body: Buffer.concat(chunks).toString("utf8"),
        clientCertificate: peer?.subject?.CN,
      };
      seen.push(request);
      send(outgoing, respond(request, seen.length - 1));
    });
  };
  const server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener);
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    port,
    seen,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface PeerSocket {
  getPeerCertificate(): { readonly subject?: { readonly CN?: string } } | undefined;
}

function send(outgoing: http.ServerResponse, answer: Answer): void {
  if (answer.stall === true) return;
  if (answer.cut === true) {
    outgoing.socket?.destroy();
    return;
  }
  const isText = typeof answer.body === "string" || Buffer.isBuffer(answer.body);
  outgoing.writeHead(answer.status ?? 200, {
    "content-type": isText ? "text/plain" : "application/json",
    ...answer.headers,
  });
  outgoing.end(isText ? answer.body : JSON.stringify(answer.body ?? {}));
}

/** A Status as Kubernetes answers it. */
export function failure(code: number, reason: string, message: string, details: unknown = {}): Answer {
  return {
    status: code,
    body: {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message,
      reason,
      details,
      code,
    },
  };
}
