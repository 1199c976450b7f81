export interface LoggedRequest {
  /** "api", "integrated" or the name of a registry. */
  readonly server: string;
  readonly method: string;
  readonly path: string;
  /** Without the question mark; empty when there was none. */
  readonly query: string;
  readonly userAgent: string;
  /** 0 when the connection was cut instead of answered. */
  readonly status: number;
  readonly at: string;
}

export interface RequestFilter {
  readonly server?: string;
  readonly method?: string;
  readonly path?: RegExp;
}

/** The requests to the servers, in the order of their answers. */
export class RequestLog {
  readonly #entries: LoggedRequest[] = [];

  record(entry: LoggedRequest): void {
    this.#entries.push(entry);
  }

  matching(filter: RequestFilter = {}): readonly LoggedRequest[] {
    return this.#entries.filter(
      (entry) =>
        (filter.server === undefined || filter.server === entry.server) &&
        (filter.method === undefined || filter.method === entry.method) &&
        (filter.path === undefined || filter.path.test(entry.path)),
    );
  }

  clear(): void {
    this.#entries.length = 0;
  }
}
