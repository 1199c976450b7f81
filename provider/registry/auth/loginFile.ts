import { type Machine, readIfThere } from "../../http/machine.js";
import { parseObject } from "../../oci/manifest.js";
import { registryAlias } from "../../oci/names/pullReference.js";
import { type Fields, objectAt, textAt } from "../../support/json.js";
import { trimmedEnd } from "../../support/text/spelling.js";

/** What containers' auth.json or docker's config.json says about one repository. */
export type AuthFile =
  | { readonly kind: "absent" }
  /** For messages; without the file's content. */
  | { readonly kind: "unreadable"; readonly reason: string }
  | {
      readonly kind: "file";
      readonly helper: HelperEntry | undefined;
      readonly entry: AuthEntry | undefined;
    };

/** A credential helper; it is asked before `entry` counts. */
interface HelperEntry {
  readonly name: string;
  /** What it is asked for, where the file says so. */
  readonly server: string | undefined;
}

type AuthEntry =
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  | { readonly kind: "identityToken"; readonly username: string; readonly token: string }
  | { readonly kind: "registryToken"; readonly token: string };

/** What a docker or podman file of credentials knows about a repository. Never throws: a broken file is an answer. */
export function readAuthFile(
  path: string,
  { host, repository }: { readonly host: string; readonly repository: string },
  machine: Pick<Machine, "readFile">,
): AuthFile {
  let text: string | undefined;
  try {
    text = readIfThere(path, machine);
  } catch {
    return { kind: "unreadable", reason: "cannot be read" };
  }
  if (text === undefined) return { kind: "absent" };
  const file = parseObject(Buffer.from(text));
  if (file === undefined) return { kind: "unreadable", reason: "is not valid JSON" };
  const scopes = scopesOf(registryAlias(host), repository);
  return { kind: "file", helper: helperOf(file, scopes), entry: entryOf(objectAt(file, "auths"), scopes) };
}

/** The name under which docker keeps the credentials for a registry. */
export function serverKeyOf(host: string): string {
  return registryAlias(host) === "docker.io" ? "https://index.docker.io/v1/" : host;
}

/** `quay.io/acme/web`, `quay.io/acme`, `quay.io`: the longest that has an entry wins. */
function scopesOf(host: string, repository: string): readonly string[] {
  const parts = [host, ...repository.split("/")];
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("/"));
}

function helperOf(file: Fields, scopes: readonly string[]): HelperEntry | undefined {
  const helpers = objectAt(file, "credHelpers");
  const key = bestKey(Object.keys(helpers), scopes);
  const special = key === undefined ? "" : textAt(helpers, key);
  if (special !== "") return { name: special, server: key };
  const store = textAt(file, "credsStore");
  return store === "" ? undefined : { name: store, server: undefined };
}

function entryOf(auths: Fields, scopes: readonly string[]): AuthEntry | undefined {
  const key = bestKey(
    Object.keys(auths).filter((name) => readEntry(objectAt(auths, name)) !== undefined),
    scopes,
  );
  return key === undefined ? undefined : readEntry(objectAt(auths, key));
}

function bestKey(keys: readonly string[], scopes: readonly string[]): string | undefined {
  for (const scope of scopes) {
    const found = keys.find((key) => scopeOf(key) === scope);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Docker wrote URLs such as `https://index.docker.io/v1/`, of which only the host counts. */
function scopeOf(key: string): string {
  const url = /^https?:\/\/([^/]+)/.exec(key)?.[1];
  const [host = "", ...path] = (url ?? key.replace(/\/$/, "")).split("/");
  return [registryAlias(host.toLowerCase()), ...path].join("/");
}

function readEntry(entry: Fields): AuthEntry | undefined {
  const [user, password] = pairOf(entry);
  const [identity, registry] = [textAt(entry, "identitytoken"), textAt(entry, "registrytoken")];
  if (registry !== "") return { kind: "registryToken", token: registry };
  if (identity !== "") return { kind: "identityToken", username: user, token: identity };
  return password === "" ? undefined : { kind: "basic", username: user, password };
}

function pairOf(entry: Fields): readonly [username: string, password: string] {
  const pair = trimmedEnd(Buffer.from(textAt(entry, "auth"), "base64").toString("utf8"), "\0");
  const colon = pair.indexOf(":");
  if (colon === -1) return [textAt(entry, "username"), textAt(entry, "password")];
  return [pair.slice(0, colon), pair.slice(colon + 1)];
}
