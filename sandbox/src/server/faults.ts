import type { HttpRequest } from "../http/exchange.js";
import { requireSettings } from "../settings/require.js";
import { type Fault, type FaultEffect, faultSettings, importRowSettings } from "./faultSettings.js";
import { MatchCounter } from "./requestMatch.js";

export interface ActiveFault {
  readonly id: number;
  readonly fault: Fault;
  readonly hits: number;
}

interface Rule {
  readonly id: number;
  readonly fault: Fault;
  readonly counter: MatchCounter;
}

export class FaultRules {
  #rules: Rule[] = [];
  #lastId = 0;
  readonly #servers: readonly string[];

  /** `servers`: names that a fault may be bound to. */
  constructor(servers: readonly string[]) {
    this.#servers = servers;
  }

  /** @throws Error with a sentence for each field that is unknown or wrong */
  check(fault: unknown): void {
    const isRow = (fault as Partial<Fault> | null)?.effect?.kind === "importRow";
    requireSettings("a fault", isRow ? importRowSettings : faultSettings(this.#servers), fault);
  }

  add(fault: Fault): number {
    this.check(fault);
    this.#lastId += 1;
    this.#rules.push({ id: this.#lastId, fault, counter: new MatchCounter(fault) });
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
    return this.#rules.map(({ id, fault, counter }) => ({ id, fault, hits: counter.hits }));
  }

  /** The effects that hit this request, each counted as used. */
  take(server: string, request: HttpRequest): readonly FaultEffect[] {
    return this.#rules
      .filter(({ fault, counter }) => fault.effect.kind !== "importRow" && counter.hitBy(server, request))
      .map((rule) => rule.fault.effect);
  }

  takeImportRow(tag: string, storing: boolean): (FaultEffect & { readonly kind: "importRow" }) | undefined {
    for (const { fault, counter } of this.#rules) {
      const { effect } = fault;
      if (effect.kind !== "importRow" || effect.tag !== tag) continue;
      if (effect.storingOnly === true && !storing) continue;
      if (counter.count()) return effect;
    }
    return undefined;
  }
}
