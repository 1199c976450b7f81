import { looksLikePath } from "../support/text/paths.js";
import { percentDecoded } from "../support/text/spelling.js";

/** Credentials inside a kubeconfig, YAML or JSON: in double quotes, in single ones, or bare. */
const kubeconfigCredential =
  /["']?\b(?:token|password|client-key-data|id-token|access-token|refresh-token|client-secret|proxy-url)["']?\s*:[ \t]*(?:"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|([^\s"'][^\r\n]*))/g;

/** Tokens, passwords and keys in the content of a kubeconfig, also in base64, and the base64 itself; empty for a path. */
export function credentialsOfKubeconfig(text: string): readonly string[] {
  if (text === "") return [];
  const given = text.replaceAll(/\s/g, "");
  if (given.length < 40 || !/^[\w+/-]+={0,2}$/.test(given)) return credentialsIn(text);
  return [text, given, ...credentialsIn(Buffer.from(given, "base64").toString("utf8"))];
}

/** A key is given as a path, which may be shown, or as its text, with PEM lines or without, or in base64. */
export function keysOf(text: string): readonly string[] {
  return text === "" || looksLikePath(text) ? [] : [text];
}

function credentialsIn(text: string): readonly string[] {
  return [...text.matchAll(kubeconfigCredential)].flatMap(([, double, single, bare]) => {
    if (double !== undefined) return withDecoded([double, unescaped(double)]);
    if (single !== undefined) return withDecoded([single]);
    // Bare, a value ends at the end of its line, or, in YAML's short form, before a comma or a brace.
    const line = (bare ?? "").replace(/\s#.*$/s, "").trim();
    return withDecoded([line, line.split(/[\s,}]/)[0] ?? ""]);
  });
}

function withDecoded(values: readonly string[]): readonly string[] {
  const keys = values.map((value) => Buffer.from(value, "base64").toString("utf8"));
  const urls = values.flatMap(credentialsOfUrl);
  const plain = values.filter((value) => !value.includes("://"));
  return [...plain, ...urls, ...keys.filter((key) => key.includes("-----BEGIN "))];
}

function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}

/** The password of a URL, as written and as sent, and a user name without a password, which may be a token. */
export function credentialsOfUrl(text: string): readonly string[] {
  const rest = text.replace(/^[a-z][\w+.-]*:\/\//i, "");
  // A password may have unescaped slashes, and @ as well.
  const userInfo = /^([^/?#\s]*)@/.exec(rest)?.[1] ?? /^([^\s:@/]+:\S*)@/.exec(rest)?.[1];
  if (userInfo === undefined) return [];
  const separator = userInfo.indexOf(":");
  const credential = separator === -1 ? userInfo : userInfo.slice(separator + 1);
  return [credential, percentDecoded(credential)];
}

/** The password of `user:password`; a text without a colon may be one in the wrong place. */
export function credentialsOfLogin(pair: string): readonly string[] {
  return pair === "" ? [] : [pair.slice(pair.indexOf(":") + 1)];
}

/** Logins in a connection's `proxyHeaders` as JSON text. */
export function credentialsOfProxyHeaders(text: string): readonly string[] {
  const found = [...text.matchAll(/"(?:basicAuth|proxyBasicAuth)"\s*:\s*"((?:[^"\\]|\\.)*)"/g)];
  return found.flatMap(([, pair = ""]) => credentialsOfLogin(unescaped(pair)));
}

/** Logins of a docker or podman configuration as JSON text. */
export function credentialsOfDockerConfig(text: string): readonly string[] {
  const found = [...text.matchAll(/"(auth|password|identitytoken|registrytoken)"\s*:\s*"([^"]*)"/g)];
  return found.flatMap(([, key, value = ""]) => {
    if (key !== "auth") return [value];
    const login = Buffer.from(value, "base64").toString("utf8");
    return [value, login.slice(login.indexOf(":") + 1)];
  });
}
