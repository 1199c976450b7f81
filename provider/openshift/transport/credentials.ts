import { createTurns } from "../../support/turns.js";
import type { ClientCertificate } from "./dispatcher.js";

/** What a request carries to say who is asking. */
export interface RequestCredentials {
  /** Authorization and Impersonate-*; values may be lists. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly certificate: ClientCertificate | undefined;
}

/** The bearer token of a user, for servers beside the API server that take it too. */
export interface TokenSource {
  /** @throws ImageError CONNECTION_INVALID when the user has other credentials than a token */
  readonly token: (signal: AbortSignal) => Promise<string>;
  /** After `refused` was not accepted: true when `token` answers another one now. */
  readonly renew: (refused: string, signal: AbortSignal) => Promise<boolean>;
}

export type CredentialKind =
  "anonymous" | "basic" | "certificate" | "kubeconfig" | "serviceAccount" | "token";

/** One place that credentials for a server come from. */
export interface CredentialSource {
  /** For messages: `token (stack config okd:token)`. */
  readonly origin: string;
  readonly kind: CredentialKind;
  /** Current credentials; cached as long as they are valid. */
  readonly read: (signal: AbortSignal) => Promise<RequestCredentials>;
  /** Makes the next `read` read files and run programs again; absent where nothing can change. */
  readonly forget?: () => void;
}

/** Nobody: OpenShift answers such requests 403, as system:anonymous, or 401. */
export function anonymous(): CredentialSource {
  const credentials = Promise.resolve({ headers: {}, certificate: undefined });
  return { origin: "no credentials", kind: "anonymous", read: () => credentials };
}

/** The credentials in use, and what happens when the server refuses them. */
export interface CredentialChain {
  readonly current: (signal: AbortSignal) => Promise<RequestCredentials>;
  /**
   * After a 401 for `refused`: true when there are other credentials now, so that the request can be sent again. The
   * source is read once more first (tokens expire, files are rotated); then the next source takes over for good.
   */
  readonly replace: (refused: RequestCredentials, signal: AbortSignal) => Promise<boolean>;
  /** Sources whose credentials were refused so far, or are in use. */
  readonly tried: () => readonly CredentialSource[];
}

/** A source that was read again this short a time ago (ms) and is refused still has nothing better to offer. */
const rereadPauseMs = 60_000;

/** `laterSources` name the same server as `first`, best first; they are only looked for after a 401. */
export function createCredentialChain(
  first: CredentialSource,
  laterSources: () => readonly CredentialSource[],
): CredentialChain {
  const tried = [first];
  let active = first;
  let rereadAt = Number.NEGATIVE_INFINITY;
  let later: CredentialSource[] | undefined;
  const inTurn = createTurns();

  const replaceOne = async (refused: RequestCredentials, signal: AbortSignal): Promise<boolean> => {
    if (await differs(active, refused, signal)) return true; // another request was faster
    if (active.forget !== undefined && Date.now() - rereadAt > rereadPauseMs) {
      active.forget();
      rereadAt = Date.now();
      if (await differs(active, refused, signal)) return true;
    }
    later ??= [...laterSources()];
    for (let next = later.shift(); next !== undefined; next = later.shift()) {
      tried.push(next);
      if (await differs(next, refused, signal)) {
        active = next;
        return true;
      }
    }
    return false;
  };

  return {
    current: (signal) => active.read(signal),
    replace: (refused, signal) => inTurn(() => replaceOne(refused, signal)),
    tried: () => tried,
  };
}

/** False too when the source cannot be read: then it has nothing to offer. */
async function differs(
  source: CredentialSource,
  refused: RequestCredentials,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return JSON.stringify(await source.read(signal)) !== JSON.stringify(refused);
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/** What to do about a 401, for a person. */
export function describeRefusal(tried: readonly CredentialSource[]): string {
  const places = tried.map(({ origin }) => origin).join(", then ");
  return (
    `Tried: ${places}. ${adviceFor(tried)} In refresh and destroy the engine supplies the values of the last \`up\`; ` +
    "with --run-program it takes those of today."
  );
}

function adviceFor(tried: readonly CredentialSource[]): string {
  if (tried.every(({ kind }) => kind === "anonymous")) {
    return "No credentials were given: set token, clientCert and clientKey, or a kubeconfig.";
  }
  if (tried.some(({ kind }) => kind === "basic")) {
    return "OpenShift wants a token instead of user and password: `oc login`, then `oc whoami -t`.";
  }
  return "Log in again (`oc login`) or renew the token.";
}
