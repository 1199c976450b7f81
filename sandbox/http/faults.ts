import type { HttpRequest } from "./exchange.js";

/** What a fault does to a request that it matches. */
export type FaultEffect =
  /** Answers this instead. With `afterEffect` the request is carried out first, and only its answer is replaced. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      readonly afterEffect?: boolean;
    }
  | { readonly kind: "delay"; readonly milliseconds: number }
  /** Resets the connection: before the request is handled, after it took effect, or half-way through the answer. */
  | { readonly kind: "cut"; readonly when: "before" | "after" | "during" }
  /** A registry names another digest in Docker-Content-Digest than that of the content. */
  | { readonly kind: "wrongDigest" }
  /** One byte of the answer is changed. */
  | { readonly kind: "corrupt" }
  /** One row of an ImageStreamImport fails (or is a Success without an image) although the registry is fine. */
  | {
      readonly kind: "importRow";
      /** Name of the tag in the stream (`to`). */
      readonly tag: string;
      readonly row:
        "successWithoutImage" | { readonly code: number; readonly reason: string; readonly message: string };
      /** Only imports that store their result. */
      readonly storingOnly?: boolean;
    };

export interface Fault {
  /** "api" or the name of a registry; absent: any server. */
  readonly server?: string;
  readonly method?: string;
  /** Regular expression over the path and, if there is one, the query. */
  readonly path?: string;
  /** Regular expression over the body, or (in process only) a predicate. */
  readonly body?: string | ((body: string) => boolean);
  /** Matching requests that pass unharmed before the fault begins. */
  readonly skip?: number;
  /** Requests that are hit; default 1; 0 means every one until the fault is removed. */
  readonly times?: number;
  readonly effect: FaultEffect;
}

export interface ActiveFault {
  readonly id: number;
  readonly fault: Fault;
  readonly hits: number;
}

interface Rule {
  readonly id: number;
  readonly fault: Fault;
  seen: number;
  hits: number;
}

export class FaultRules {
  #rules: Rule[] = [];
  #lastId = 0;

  add(fault: Fault): number {
    this.#lastId += 1;
    this.#rules.push({ id: this.#lastId, fault, seen: 0, hits: 0 });
    return this.#lastId;
  }

  remove(id: number): boolean {
    const before = this.#rules.length;
    this.#rules = this.#rules.filter((rule) => rule.id !== id);
    return this.#rules.length < before;
  }

  clear(): void {
    this.#rules = [];
  }

  list(): readonly ActiveFault[] {
    return this.#rules.map(({ id, fault, hits }) => ({ id, fault, hits }));
  }

  /** The effects that hit this request, each counted as used. */
  take(server: string, request: HttpRequest): readonly FaultEffect[] {
    return this.#rules
      .filter((rule) => rule.fault.effect.kind !== "importRow" && matchesRequest(rule.fault, server, request))
      .filter(countHit)
      .map((rule) => rule.fault.effect);
  }

  takeImportRow(tag: string, storing: boolean): (FaultEffect & { readonly kind: "importRow" }) | undefined {
    for (const rule of this.#rules) {
      const { effect } = rule.fault;
      if (effect.kind !== "importRow" || effect.tag !== tag) continue;
      if (effect.storingOnly === true && !storing) continue;
      if (countHit(rule)) return effect;
    }
    return undefined;
  }
}

function countHit(rule: Rule): boolean {
  const times = rule.fault.times ?? 1;
  if (times !== 0 && rule.hits >= times) return false;
  rule.seen += 1;
  if (rule.seen <= (rule.fault.skip ?? 0)) return false;
  rule.hits += 1;
  return true;
}

function matchesRequest(fault: Fault, server: string, request: HttpRequest): boolean {
  if (fault.server !== undefined && fault.server !== server) return false;
  if (fault.method !== undefined && fault.method !== request.method) return false;
  const query = request.query.toString();
  const target = query === "" ? request.path : `${request.path}?${query}`;
  if (fault.path !== undefined && !new RegExp(fault.path).test(target)) return false;
  if (fault.body === undefined) return true;
  const body = request.body.toString("utf8");
  return typeof fault.body === "string" ? new RegExp(fault.body).test(body) : fault.body(body);
}
