import { createTurns } from "../support/async/concurrency.js";
import { bareMessage, isImageError } from "../support/imageError.js";
import type { CredentialSource, RequestCredentials } from "./credentials.js";

/** Other identities with credentials for the server, and whether one may take over where those in use are refused. */
export interface OtherIdentities {
  /** Best first; looked for after a 401 only. */
  readonly sources: () => readonly CredentialSource[];
  /** Why none of them may take over, to follow "because"; undefined where one may. */
  readonly barredBy: string | undefined;
  /** Called when another identity is about to take over. */
  readonly onChange: (refused: CredentialSource, next: CredentialSource) => void;
}

const nobodyElse: OtherIdentities = {
  sources: () => [],
  barredBy: undefined,
  onChange: () => undefined,
};

/** A place whose credentials were refused, or are in use. */
export interface TriedSource {
  readonly source: CredentialSource;
  /** Why it could not be read once more. */
  readonly problem: string | undefined;
}

/** What a final 401 is about. */
export interface Refusal {
  readonly server: string;
  readonly tried: readonly TriedSource[];
  readonly barred: { readonly by: string; readonly sources: readonly CredentialSource[] } | undefined;
}

/** The credentials in use, and what happens when the server refuses them. */
export interface CredentialChain {
  readonly current: (signal: AbortSignal) => Promise<RequestCredentials>;
  /**
   * After a 401 for `refused`: true when there are other credentials now, so that the request can be sent again. The
   * source is read once more first (tokens expire, files are rotated); then another identity takes over for good, where
   * one may. Impersonation stays as it is.
   */
  readonly replace: (refused: RequestCredentials, signal: AbortSignal) => Promise<boolean>;
  /** After a success: what the source said when it was read again was good, so that after the next 401 it is asked again. */
  readonly accepted: (used: RequestCredentials) => void;
  readonly refusal: () => Omit<Refusal, "server">;
}

/** Milliseconds; a source that was read again so recently and is still refused has nothing better. */
const rereadPauseMs = 60_000;

export function createCredentialChain(
  first: CredentialSource,
  others: OtherIdentities = nobodyElse,
): CredentialChain {
  const links = new Links(first, others);
  const inTurn = createTurns();
  return {
    current: (signal) => links.active.read(signal),
    replace: (refused, signal) => inTurn(() => links.replace(refused, signal)),
    accepted: (used) => links.accepted(used),
    refusal: () => ({
      tried: [...links.tried].map(([source, problem]) => ({ source, problem })),
      barred: others.barredBy === undefined ? undefined : { by: others.barredBy, sources: others.sources() },
    }),
  };
}

class Links {
  active: CredentialSource;
  readonly tried: Map<CredentialSource, string | undefined>;
  readonly #others: OtherIdentities;
  #waiting: CredentialSource[] | undefined;
  #rereadAt = Number.NEGATIVE_INFINITY;
  /** What was refused before that. */
  #refused = "";

  constructor(first: CredentialSource, others: OtherIdentities) {
    this.active = first;
    this.tried = new Map([[first, undefined]]);
    this.#others = others;
  }

  async replace(refused: RequestCredentials, signal: AbortSignal): Promise<boolean> {
    const { active } = this;
    if (await this.#hasOther(active, refused, signal)) return true; // another request was faster
    if (active.forget !== undefined && Date.now() - this.#rereadAt > rereadPauseMs) {
      active.forget();
      this.#rereadAt = Date.now();
      this.#refused = JSON.stringify(refused);
      if (await this.#hasOther(active, refused, signal)) return true;
    }
    return this.#others.barredBy === undefined && (await this.#takeOver(refused, signal));
  }

  accepted(used: RequestCredentials): void {
    if (this.#rereadAt === Number.NEGATIVE_INFINITY || JSON.stringify(used) === this.#refused) return;
    this.#rereadAt = Number.NEGATIVE_INFINITY;
  }

  async #takeOver(refused: RequestCredentials, signal: AbortSignal): Promise<boolean> {
    this.#waiting ??= [...this.#others.sources()];
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const acting = impersonatingAs(next, refused);
      this.tried.set(acting, undefined);
      if (!(await this.#hasOther(acting, refused, signal))) continue;
      this.#others.onChange(this.active, next);
      this.active = acting;
      this.#rereadAt = Number.NEGATIVE_INFINITY;
      return true;
    }
    return false;
  }

  async #hasOther(
    source: CredentialSource,
    refused: RequestCredentials,
    signal: AbortSignal,
  ): Promise<boolean> {
    try {
      return JSON.stringify(await source.read(signal)) !== JSON.stringify(refused);
    } catch (error) {
      signal.throwIfAborted();
      this.tried.set(source, isImageError(error) ? bareMessage(error) : String(error));
      return false;
    }
  }
}

/** Keeps impersonating the same user: the new identity's own rights may be far greater. */
function impersonatingAs(source: CredentialSource, { headers }: RequestCredentials): CredentialSource {
  const impersonation = Object.entries(headers).filter(([name]) => name.startsWith("Impersonate-"));
  if (impersonation.length === 0) return source;
  const kept = Object.fromEntries(impersonation);
  const withKept = (own: RequestCredentials): RequestCredentials => {
    const others = Object.entries(own.headers).filter(([name]) => !name.startsWith("Impersonate-"));
    return { ...own, headers: { ...Object.fromEntries(others), ...kept } };
  };
  return { ...source, read: async (signal) => withKept(await source.read(signal)) };
}
