import type { PullReference } from "../../oci/names/pullReference.js";
import { ImageError } from "../../support/imageError.js";
import { type ImageRegistrySettings, settingsFor } from "./hosts.js";
import { findRule, type RegistryRule } from "./registriesConf.js";

/** A repository that may have an image: a mirror's or the one that the reference names. */
export interface PullSource {
  /** The name that settings and credentials have: `docker.io`. */
  readonly host: string;
  /** Where its API is: `registry-1.docker.io`. */
  readonly apiHost: string;
  readonly repository: string;
  /** Accepts any certificate, and plain HTTP. */
  readonly insecure: boolean;
  /** Plain HTTP only. */
  readonly http: boolean;
}

/**
 * The places to ask for an image, in this order: the user's mirrors, those of registries.conf, the registry itself.
 * @throws ImageError REGISTRY_BLOCKED, ARGUMENT_INVALID for a mirror that is none
 */
export function pullSources(
  reference: PullReference,
  rules: readonly RegistryRule[],
  settings: ImageRegistrySettings,
): readonly PullSource[] {
  const name = `${reference.host}/${reference.repository}`;
  const rule = findRule(rules, name);
  if (rule?.blocked === true) {
    const text = `Cannot pull ${name}: ${rule.file} blocks ${rule.prefix}`;
    throw new ImageError("REGISTRY_BLOCKED", text);
  }
  const own = settingsFor(settings, reference.host);
  const rest = rule === undefined ? "" : restAfter(rule, name);
  const origin = rule === undefined || rule.location === "" ? name : `${rule.location}${rest}`;
  const byDigest = reference.digest !== undefined;
  const mirrors = (rule?.mirrors ?? []).filter(
    ({ location, pull }) => location !== "" && (pull === "all" || (pull === "digest-only") === byDigest),
  );
  const where = `registries[${JSON.stringify(reference.host)}].mirrors`;
  const file = rule?.file ?? "";
  return [
    ...(own.mirrors ?? []).map((mirror) =>
      sourceAt(`${mirror.replace(/\/$/, "")}/${reference.repository}`, { where, insecure: false }, settings),
    ),
    ...mirrors.map(({ location, insecure }) =>
      sourceAt(`${location}${rest}`, { where: file, insecure }, settings),
    ),
    sourceAt(origin, { where: file, insecure: rule?.insecure ?? false }, settings),
  ];
}

/** The rest of a name when its prefix is replaced; a wildcard stands for the whole host. */
function restAfter({ prefix }: RegistryRule, name: string): string {
  return name.slice(prefix.startsWith("*.") ? name.indexOf("/") : prefix.length);
}

function sourceAt(
  name: string,
  { where, insecure }: { readonly where: string; readonly insecure: boolean },
  settings: ImageRegistrySettings,
): PullSource {
  const slash = name.indexOf("/");
  const host = name.slice(0, slash).toLowerCase();
  const repository = name.slice(slash + 1);
  if (slash < 1 || !/^[a-z0-9.-]+(?::\d+)?$/.test(host) || !/^[a-z0-9._/-]+$/.test(repository)) {
    throw new ImageError(
      "ARGUMENT_INVALID",
      `${where}: ${JSON.stringify(name)} is no repository: mirrors are host[:port][/path]`,
    );
  }
  const own = settingsFor(settings, host);
  return {
    host,
    apiHost: host === "docker.io" ? "registry-1.docker.io" : host,
    repository,
    insecure: own.insecure === true || (insecure && own.insecureByFiles !== false),
    http: own.http === true,
  };
}
