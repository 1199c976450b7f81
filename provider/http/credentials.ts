import type { ClientCertificate } from "./dispatcher.js";

/** What a request carries to identify the user. */
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

/** No credentials: OpenShift answers such requests 403, as system:anonymous, or 401. */
export function anonymous(): CredentialSource {
  const credentials = Promise.resolve({ headers: {}, certificate: undefined });
  return { origin: "no credentials", kind: "anonymous", read: () => credentials };
}
