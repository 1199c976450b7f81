import type { HttpRequest } from "../http/exchange.js";

/** Which requests are affected. */
export interface RequestMatch {
  /** "api", "integrated" or the name of a registry; absent: any server. */
  readonly server?: string;
  readonly method?: string;
  /** Regular expression over the path and, if there is one, the query. */
  readonly path?: string;
  /** Regular expressions over headers, by their names in lower case; a header that is missing does not match. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Regular expression over the body, or (in process only) a predicate. */
  readonly body?: string | ((body: string) => boolean);
  /** Matching requests that pass unaffected before. */
  readonly skip?: number;
  /** Requests that are hit; default 1; 0 means every one until it is removed. */
  readonly times?: number;
}

/** Counts the requests that match, and tells which of them are hit. */
export class MatchCounter {
  readonly #match: RequestMatch;
  #seen = 0;
  #hits = 0;

  constructor(match: RequestMatch) {
    this.#match = match;
  }

  get hits(): number {
    return this.#hits;
  }

  hitBy(server: string, request: HttpRequest): boolean {
    return matchesRequest(this.#match, server, request) && this.count();
  }

  /** For what matches in some other way. */
  count(): boolean {
    const { times = 1, skip = 0 } = this.#match;
    if (times !== 0 && this.#hits >= times) return false;
    this.#seen += 1;
    if (this.#seen <= skip) return false;
    this.#hits += 1;
    return true;
  }
}

function matchesRequest(match: RequestMatch, server: string, request: HttpRequest): boolean {
  if (match.server !== undefined && match.server !== server) return false;
  if (match.method !== undefined && match.method !== request.method) return false;
  const query = request.query.toString();
  const target = query === "" ? request.path : `${request.path}?${query}`;
  if (match.path !== undefined && !new RegExp(match.path).test(target)) return false;
  for (const [name, pattern] of Object.entries(match.headers ?? {})) {
    const value = request.headers[name];
    if (value === undefined || !new RegExp(pattern).test(String(value))) return false;
  }
  if (match.body === undefined) return true;
  const body = request.body.toString("utf8");
  return typeof match.body === "string" ? new RegExp(match.body).test(body) : match.body(body);
}
