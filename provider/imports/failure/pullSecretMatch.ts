import { qualifiedReference } from "../../oci/names/pullReference.js";
import { parseReference, registryHost, repository } from "../../oci/names/reference.js";
import { matchesByParts } from "../../support/globs/wildcards.js";
import type { PullSecretKey } from "../ports.js";

/** A key that is not tried; the reason ends a sentence that begins with the key. */
export interface UnusedKey extends PullSecretKey {
  readonly reason: string;
}

export interface JudgedKeys {
  /** The only key that is tried. */
  readonly applying: PullSecretKey | undefined;
  readonly unused: readonly UnusedKey[];
}

/**
 * Which key the API server takes for an image (facts/importing.md 28): host globs for each label, equal ports, the path as a
 * prefix, the most specific key first, and only the first that matches.
 */
export function judgeKeys(image: string, keys: readonly PullSecretKey[]): JudgedKeys {
  const target = targetOf(image);
  const sorted = keys
    .map((found) => ({ found, key: normalized(found.key) }))
    .sort((a, b) => (a.key < b.key ? 1 : a.key > b.key ? -1 : 0));
  const reasons = sorted.map(({ found, key }) => ({ ...found, key, reason: mismatch(found, key, target) }));
  const matching = reasons.filter(({ reason }) => reason === undefined);
  // Docker Hub's old name comes last, after every key that matches by itself.
  const first = matching.find(({ key }) => key !== hubKey) ?? matching[0];
  const applying = first === undefined ? undefined : withoutReason(first);
  const unused = reasons
    .filter((each) => each !== first)
    .map((each) => ({ ...withoutReason(each), reason: each.reason ?? `comes after ${first?.key ?? ""}` }));
  return { applying, unused };
}

/** `quay.io/acme/web`: what keys are compared with; Docker Hub's short forms in full. */
export function targetOf(image: string): string {
  const parsed = parseReference(image);
  if (!parsed.ok) return image;
  return qualifiedReference(repository(parsed.reference));
}

const hubKey = "index.docker.io";

/** Without scheme, login and API version, as the server reads a key; `https://index.docker.io/v1/` is Docker Hub's. */
function normalized(key: string): string {
  const plain = key.replace(/^https?:\/\//, "").replace(/^[^/]*@/, "");
  const slash = plain.indexOf("/");
  if (slash === -1) return plain;
  const path = plain
    .slice(slash)
    .replace(/^\/v[12](?=\/)/, "")
    .replace(/[?#].*$/s, "");
  return plain.slice(0, slash) + (path === "/" ? "" : path);
}

function withoutReason({ secret, key, isExcluded }: PullSecretKey): PullSecretKey {
  return { secret, key, isExcluded };
}

function mismatch({ isExcluded }: PullSecretKey, key: string, target: string): string | undefined {
  if (isExcluded) return "is excluded by an annotation";
  const [host, path] = split(key);
  const [targetHost, targetPath] = split(target);
  if (key === hubKey && targetHost === "docker.io") return undefined;
  const [name = "", port] = host.split(":");
  const [targetName = "", targetPort] = targetHost.split(":");
  if (!matchesByParts(name, targetName, ".")) return "is for another host";
  if (port !== targetPort) return port === undefined ? "is for no port" : `is for the port ${port}`;
  return targetPath.startsWith(path) ? undefined : "is for another path";
}

function split(text: string): readonly [string, string] {
  const slash = text.indexOf("/");
  return slash === -1 ? [text, ""] : [text.slice(0, slash), text.slice(slash)];
}

/** The registry of a pull spec, `docker.io` where none is written; empty for a text that is no reference. */
export function hostOf(image: string): string {
  const parsed = parseReference(image);
  return parsed.ok ? registryHost(parsed.reference) : "";
}
