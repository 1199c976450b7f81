import type { IncomingHttpHeaders } from "node:http";

export interface HttpRequest {
  readonly method: string;
  /** Path as sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** `http://host:port` as the client wrote it, for answers that must name this server. */
  readonly origin: string;
  /** Subject of a verified client certificate. */
  readonly clientCertificate?:
    { readonly commonName: string; readonly organizations: readonly string[] } | undefined;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal;
}

/**
 * A body that goes on: `line` sends one line and `end` ends it; what is answered is called when it has ended, or when
 * the client has gone.
 */
export type AnswerStream = (line: (text: string) => void, end: () => void) => () => void;

export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** Instead of a body. */
  readonly stream?: AnswerStream;
}

export type HttpHandler = (request: HttpRequest) => Promise<HttpAnswer>;

export function jsonAnswer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: `${JSON.stringify(body)}\n`,
  };
}

export function textAnswer(status: number, body: string): HttpAnswer {
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body };
}
