import type { ObjectStore } from "../../kube/storage/objectStore.js";
import { matchesWildcards, parseReference, registryHost } from "../reference.js";
import { internalRegistry } from "./defaults.js";

interface AllowedRegistry {
  readonly domainName: string;
  readonly insecure?: boolean;
}

/** `allowedRegistriesForImport` of the cluster's image configuration; no list allows every registry. */
export class RegistryWhitelist {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** The complaint about a registry for one transport, with the port that was looked up; undefined: allowed. */
  complaint(pullSpec: string, transport: "secure" | "insecure" | "any"): string | undefined {
    const allowed = this.#allowed();
    if (allowed.length === 0) return undefined;
    const host = registryHost(parseReference(pullSpec));
    const hasPort = host.includes(":");
    const ports = hasPort
      ? [""]
      : transport === "secure"
        ? [":443"]
        : transport === "insecure"
          ? [":80"]
          : [":443", ":80"];
    const internal = { domainName: internalRegistry };
    if (ports.some((port) => [internal, ...allowed].some((entry) => matches(entry, `${host}${port}`))))
      return undefined;
    const asked = hasPort || transport === "any" ? host : `${host}${ports[0] ?? ""}`;
    const names = [internal, ...allowed].map((entry) => `"${entry.domainName}"`).join(", ");
    return `registry "${asked}" not allowed by whitelist: ${names}`;
  }

  /** The registry as the complaint names it. */
  registryName(pullSpec: string, transport: "secure" | "insecure"): string {
    const host = registryHost(parseReference(pullSpec));
    return host.includes(":") ? host : `${host}${transport === "secure" ? ":443" : ":80"}`;
  }

  #allowed(): readonly AllowedRegistry[] {
    const spec = this.#store.get("images.config.openshift.io", "/cluster")?.["spec"] as
      { readonly allowedRegistriesForImport?: readonly AllowedRegistry[] } | undefined;
    return spec?.allowedRegistriesForImport ?? [];
  }
}

function matches(entry: AllowedRegistry, hostAndPort: string): boolean {
  const hasPort = entry.domainName.includes(":");
  const pattern = hasPort
    ? entry.domainName
    : `${entry.domainName}:${entry.insecure === true ? "80" : "443"}`;
  const [patterns, parts] = [pattern.split(":"), hostAndPort.split(":")];
  const isLike = (each: string, index: number) => matchesWildcards(each, parts[index] ?? "");
  return patterns.length === parts.length && patterns.every(isLike);
}
