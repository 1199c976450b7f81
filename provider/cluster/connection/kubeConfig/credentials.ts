import type { CredentialSource, RequestCredentials } from "../../../http/credentials.js";
import { abortable } from "../../../support/async/abortable.js";
import { own } from "../../../support/collections.js";
import type { AppliedOptions, BundledKubeConfig, KubeUser } from "./bundle.js";
import { createPluginRuns, credentialFailure, noCredentials } from "./pluginRuns.js";

export interface LoadedKubeConfig {
  readonly config: BundledKubeConfig;
  /** `as-groups` by user name, which client-node leaves out. */
  readonly impersonatedGroups: ReadonlyMap<string, readonly string[]>;
}

/** Milliseconds. Plugins and token files have caches of their own; this one saves asking them at every request. */
const usualValidityMs = 60_000;
const clockSkewMs = 10_000;

/**
 * Credentials of the current user of a kubeconfig: token, Basic, client certificate, token file, exec plugin or OIDC.
 * Plugins run once for all requests that wait for them; what they answer is kept until it expires.
 */
export function createKubeConfigCredentials(
  loaded: LoadedKubeConfig,
  reload: () => LoadedKubeConfig,
  origin: string,
): CredentialSource {
  let current: LoadedKubeConfig | undefined = loaded;
  let cached: { readonly credentials: Promise<RequestCredentials>; validUntil: number } | undefined;

  const validUntil = (credentials: RequestCredentials) =>
    (current && pluginExpiryMs(current.config)) ?? usualValidity(credentials);

  const readAgain = async () => {
    current ??= reload();
    return await readCredentials(current, origin);
  };
  const read = (): Promise<RequestCredentials> => {
    if (cached !== undefined && Date.now() < cached.validUntil) return cached.credentials;
    const entry = { credentials: readAgain(), validUntil: Number.POSITIVE_INFINITY };
    cached = entry;
    entry.credentials.then(
      (credentials) => (entry.validUntil = validUntil(credentials)),
      () => (entry.validUntil = 0),
    );
    return entry.credentials;
  };

  return {
    origin,
    kind: loaded.config.getCurrentUser() === null ? "anonymous" : "kubeconfig",
    read: (signal) => abortable(read(), signal),
    forget: () => {
      cached = undefined;
      current = undefined;
    },
  };
}

async function readCredentials(
  { config, impersonatedGroups }: LoadedKubeConfig,
  origin: string,
): Promise<RequestCredentials> {
  const user = config.getCurrentUser();
  if (user === null) return { headers: {}, certificate: undefined };
  const plugins = createPluginRuns();
  for (const authenticator of config.authenticators) {
    if ("execFn" in authenticator) authenticator.execFn = plugins.start;
  }
  const applied: AppliedOptions = {};
  try {
    await config.applyOptions(applied);
  } catch (error) {
    throw credentialFailure(user, error, plugins.end(), origin);
  }
  const credentials = toCredentials(user, applied, impersonatedGroups.get(user.name) ?? []);
  if (
    user.exec &&
    credentials.headers["Authorization"] === undefined &&
    credentials.certificate === undefined
  ) {
    throw credentialFailure(user, undefined, plugins.end(), origin);
  }
  if (user.authProvider && credentials.headers["Authorization"] === undefined) {
    throw noCredentials("the token has expired and cannot be refreshed", origin);
  }
  return credentials;
}

function toCredentials(
  user: KubeUser,
  applied: AppliedOptions,
  groups: readonly string[],
): RequestCredentials {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(applied.headers ?? {})) {
    headers[name] = value.trim(); // token files usually end with a line break
  }
  if (headers["Authorization"] === undefined && user.username) {
    const pair = `${user.username}:${user.password ?? ""}`;
    headers["Authorization"] = `Basic ${Buffer.from(pair).toString("base64")}`;
  }
  const { cert, key } = applied;
  const certificate = cert && key ? { cert: cert.toString(), key: key.toString() } : undefined;
  const impersonation = groups.length === 0 ? {} : { "Impersonate-Group": groups };
  return { headers: { ...headers, ...impersonation }, certificate };
}

/** What the exec plugin of the current user says about its last answer. */
function pluginExpiryMs(config: BundledKubeConfig): number | undefined {
  const user = config.getCurrentUser();
  if (!user?.exec) return undefined;
  const answers = config.authenticators.flatMap(({ tokenCache = {} }) => own(tokenCache, user.name) ?? []);
  const expiry = answers[0]?.status?.expirationTimestamp;
  const at = typeof expiry === "string" ? Date.parse(expiry) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** A bearer token that is a JWT says how long it is valid. */
function usualValidity(credentials: RequestCredentials): number {
  const usual = Date.now() + usualValidityMs;
  const authorization = credentials.headers["Authorization"];
  const expiry =
    typeof authorization === "string" ? jwtExpiryMs(authorization.replace(/^Bearer /, "")) : undefined;
  return expiry === undefined ? usual : expiry - clockSkewMs;
}

function jwtExpiryMs(token: string): number | undefined {
  const [, payload, signature] = token.split(".");
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const { exp } = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as {
      readonly exp?: unknown;
    };
    return typeof exp === "number" ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
