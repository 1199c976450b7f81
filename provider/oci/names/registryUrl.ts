import { isIP } from "node:net";

/** The address of a registry, as users write it. */
export interface RegistryUrl {
  /** In lower case, with the port when it was given: `registry.example.com`, `[::1]:5000`. */
  readonly host: string;
  /** Undefined where the text names none. */
  readonly scheme: "http" | "https" | undefined;
}

export type RegistryUrlVerdict =
  | { readonly ok: true; readonly url: RegistryUrl }
  /** `reason` follows the name of the argument: "must not have a path; write ...". */
  | { readonly ok: false; readonly reason: string };

/** Reads `[http(s)://]host[:port]`, as oc's --registry-url (facts/pruning.md 31). */
export function parseRegistryUrl(text: string): RegistryUrlVerdict {
  const [, scheme, rest = ""] = /^(?:([^:/?#]*):\/\/)?(.*)$/s.exec(text) ?? [];
  const host = rest.replace(/\/$/, "");
  const problem = schemeProblem(scheme) ?? hostProblem(host);
  if (problem !== undefined) return { ok: false, reason: `${problem}; write [http(s)://]host[:port]` };
  return {
    ok: true,
    url: { host: host.toLowerCase(), scheme: scheme?.toLowerCase() as RegistryUrl["scheme"] },
  };
}

function schemeProblem(scheme: string | undefined): string | undefined {
  if (scheme === undefined || /^https?$/i.test(scheme)) return undefined;
  return `${JSON.stringify(scheme.slice(0, 20))} is not a way to reach a registry`;
}

/** Does not quote a text that may hold a password. */
function hostProblem(host: string): string | undefined {
  if (host === "") return "names no host";
  if (host.includes("@")) return "must not contain user and password";
  if (host.includes("/")) return "must not have a path";
  if (/[?#]/.test(host)) return "must not have a query";
  return isRegistryHost(host) ? undefined : `${JSON.stringify(host.slice(0, 100))} is not a host`;
}

const hostText = /^(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d+))?$/i;

/** Whether the text is a name or an address, with or without a port. */
export function isRegistryHost(text: string): boolean {
  const [, port = "443"] = hostText.exec(text) ?? [];
  // URL knows what addresses look like, but also accepts port 0 and texts that are no host.
  return hostText.test(text) && URL.canParse(`https://${text}`) && Number(port) > 0;
}

/** Whether a host name, without a port, is this machine. */
export function isLoopbackHost(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, "");
  return name === "localhost" || name === "::1" || (isIP(name) === 4 && name.startsWith("127."));
}

/** How the integrated registry is reached where the cluster's own words are not enough. */
export interface IntegratedRegistryAddress {
  /** Undefined: where the cluster says that it is. */
  readonly url: RegistryUrl | undefined;
  /** A path or PEM text. */
  readonly caCert: string | undefined;
  readonly skipTlsVerify: boolean;
}
