import { join } from "node:path";
import type { TokenSource } from "../../http/credentials.js";
import type { Machine } from "../../http/machine.js";
import { type ImageRegistrySettings, settingsFor } from "../settings/hosts.js";
import type { AskHelper } from "./credentialHelper.js";
import { type AuthFile, readAuthFile, serverKeyOf } from "./loginFile.js";

/** Who pulls. */
export type Credential =
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  /** To be exchanged for tokens at the registry's token server. */
  | { readonly kind: "identityToken"; readonly username: string; readonly token: string }
  /** Sent to the registry as it is. */
  | { readonly kind: "bearer"; readonly tokens: TokenSource };

/** The credential for a repository, and for messages where it is from, or where none was found. */
export interface CredentialSearch {
  readonly credential: Credential | undefined;
  /** `registries["quay.io"]`, `/home/ann/.docker/config.json`; undefined without a credential. */
  readonly origin: string | undefined;
  /** Places that were searched, with what was wrong with them. */
  readonly lookedIn: readonly string[];
}

/**
 * Looks in the order explicit settings, the cluster's token, containers' auth.json, docker's config.json (facts/registries.md 19).
 * Notes and skips a place that cannot be read: a public image needs none of them.
 */
export async function findCredential(
  settings: ImageRegistrySettings,
  ask: AskHelper,
  wanted: { readonly host: string; readonly repository: string },
  signal: AbortSignal,
): Promise<CredentialSearch> {
  const explicit = explicitCredential(settings, wanted.host);
  const label = `registries[${JSON.stringify(wanted.host)}]`;
  if (explicit !== undefined) return { credential: explicit, origin: label, lookedIn: [label] };
  const tokens = settings.tokenSource?.(wanted.host);
  if (tokens !== undefined) {
    const origin = "the cluster's connection";
    return { credential: { kind: "bearer", tokens }, origin, lookedIn: [label, origin] };
  }
  const lookedIn = [label];
  for (const path of authFiles(settings.machine)) {
    const file = readAuthFile(path, wanted, settings.machine);
    const { credential, note } = await readFrom(file, ask, signal, wanted.host);
    lookedIn.push(note === undefined ? path : `${path} (${note})`);
    if (credential !== undefined)
      return { credential: told(credential, settings.onSecret), origin: path, lookedIn };
  }
  return { credential: undefined, origin: undefined, lookedIn };
}

/** A token that never changes. */
function fixedToken(token: string): TokenSource {
  return { token: () => Promise.resolve(token), renew: () => Promise.resolve(false) };
}

function explicitCredential(settings: ImageRegistrySettings, host: string): Credential | undefined {
  const { username, password, token } = settingsFor(settings, host);
  if (token !== undefined) return { kind: "bearer", tokens: fixedToken(token) };
  if (username === undefined || password === undefined) return undefined;
  return told({ kind: "basic", username, password }, settings.onSecret);
}

/** Reports bearer tokens when they are sent, because they may change. */
function told(credential: Credential, onSecret: (secret: string) => void): Credential {
  if (credential.kind === "basic") onSecret(credential.password);
  if (credential.kind === "identityToken") onSecret(credential.token);
  return credential;
}

/** The files of podman, skopeo and docker, the first first. */
function authFiles({ variable, homeFolder }: Machine): readonly string[] {
  const explicit = variable("REGISTRY_AUTH_FILE");
  const runtime = variable("XDG_RUNTIME_DIR");
  const config = variable("XDG_CONFIG_HOME") || join(homeFolder, ".config");
  const docker = variable("DOCKER_CONFIG") || join(homeFolder, ".docker");
  return [
    ...(explicit ? [explicit] : []),
    ...(runtime ? [join(runtime, "containers/auth.json")] : []),
    join(config, "containers/auth.json"),
    join(docker, "config.json"),
  ];
}

async function readFrom(
  file: AuthFile,
  ask: AskHelper,
  signal: AbortSignal,
  host: string,
): Promise<{ readonly credential?: Credential; readonly note?: string }> {
  if (file.kind === "absent") return { note: "not there" };
  if (file.kind === "unreadable") return { note: file.reason };
  const { helper, entry } = file;
  let note: string | undefined;
  if (helper !== undefined) {
    const answer = await ask(helper.name, helper.server ?? serverKeyOf(host), signal);
    signal.throwIfAborted();
    if (answer.kind === "found") {
      const { username, secret } = answer;
      const credential: Credential =
        username === "<token>"
          ? { kind: "identityToken", username, token: secret }
          : { kind: "basic", username, password: secret };
      return { credential };
    }
    note = answer.kind === "failed" ? `docker-credential-${helper.name} ${answer.reason}` : undefined;
  }
  if (entry === undefined) return { note: note ?? "nothing for it" };
  if (entry.kind !== "registryToken") return { credential: entry };
  return { credential: { kind: "bearer", tokens: fixedToken(entry.token) } };
}
