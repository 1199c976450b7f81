import type { HttpRequest } from "../http/exchange.js";
import { requireSettings } from "../settings/require.js";
import { matchSettings } from "./faultSettings.js";
import { MatchCounter, type RequestMatch } from "./requestMatch.js";

/** A request as a hook sees it, before anything of it is carried out. */
export interface SeenRequest {
  readonly server: string;
  readonly method: string;
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  readonly body: string;
}

export type RequestCallback = (request: SeenRequest) => void | Promise<void>;

interface Hook {
  readonly callback: RequestCallback;
  readonly counter: MatchCounter;
}

/** What runs before requests are handled. An error of a hook answers the request with 500. */
export class RequestHooks {
  readonly #hooks = new Set<Hook>();
  readonly #servers: readonly string[];

  /** `servers`: names that a match may have. */
  constructor(servers: readonly string[]) {
    this.#servers = servers;
  }

  /**
   * Answers the function that removes it.
   * @throws Error with a sentence for each field that is unknown or wrong
   */
  add(match: RequestMatch, callback: RequestCallback): () => void {
    requireSettings("a request to wait for", matchSettings(this.#servers), match);
    const hook = { callback, counter: new MatchCounter(match) };
    this.#hooks.add(hook);
    return () => void this.#hooks.delete(hook);
  }

  async run(server: string, request: HttpRequest): Promise<void> {
    for (const { callback, counter } of [...this.#hooks]) {
      if (!counter.hitBy(server, request)) continue;
      const { method, path, query, body } = request;
      await callback({ server, method, path, query: query.toString(), body: body.toString("utf8") });
    }
  }
}
