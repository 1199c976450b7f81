import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../repositoryRoot.js";

/** A body that a real server answered. */
export function recording(name: string): unknown {
  return JSON.parse(readFileSync(join(repositoryRoot, "test/conformance/okd-api", `${name}.json`), "utf8"));
}

const volatileKeys: Readonly<Record<string, string>> = {
  uid: "<uid>",
  resourceVersion: "<revision>",
  creationTimestamp: "<time>",
  created: "<time>",
  Created: "<time>",
  time: "<time>",
  lastTransitionTime: "<time>",
  manager: "<manager>",
  size: "<size>",
  Size: "<size>",
  manifestSize: "<size>",
  "openshift.io/image.dockerRepositoryCheck": "<time>",
};

/** Depends on whether the cluster exposes its registry. */
const optionalKeys = new Set(["publicDockerImageRepository"]);

/**
 * What remains of a body when everything is taken out that differs from run to run: identities, times, sizes, digests,
 * hosts and the names given in `names`.
 */
export function structure(value: unknown, names: Readonly<Record<string, string>> = {}): unknown {
  if (Array.isArray(value)) return value.map((element) => structure(element, names));
  if (typeof value === "string") return withoutNames(value, names);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key, entry]) => !optionalKeys.has(key) && entry !== undefined)
    .map(([key, entry]): [string, unknown] => [key, volatileKeys[key] ?? structure(entry, names)]);
  return Object.fromEntries(entries);
}

function withoutNames(text: string, names: Readonly<Record<string, string>>): string {
  // Digests first: a short name may occur in one by chance.
  const normalized = text
    .replace(/sha256:[0-9a-f]{64}/g, "<digest>")
    .replace(/(127\.0\.0\.\d+|localhost):\d+/g, "<registry>");
  return Object.entries(names).reduce(
    (result, [name, placeholder]) => result.replaceAll(name, placeholder),
    normalized,
  );
}
