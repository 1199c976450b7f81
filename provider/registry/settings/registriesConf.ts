import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Machine, readIfThere } from "../../http/machine.js";
import { isMissing } from "../../support/files/place.js";
import { ImageError } from "../../support/imageError.js";
import { listAt, objectAt, textAt, valueAt } from "../../support/json.js";

/** A `[[registry]]` of registries.conf (containers-registries.conf(5), version 2). */
export interface RegistryRule {
  /** `quay.io/acme`, or `*.example.com`. */
  readonly prefix: string;
  /** What replaces the prefix; empty: names stay as they are. */
  readonly location: string;
  readonly blocked: boolean;
  readonly insecure: boolean;
  readonly mirrors: readonly RegistryMirror[];
  /** For messages. */
  readonly file: string;
}

interface RegistryMirror {
  readonly location: string;
  readonly insecure: boolean;
  readonly pull: "all" | "digest-only" | "tag-only";
}

/**
 * The rules of this machine. A drop-in's rule replaces an earlier one of the same prefix, and a user's own files replace
 * the system's.
 * @throws ImageError CONNECTION_INVALID: a file that is not valid TOML, or cannot be read
 */
export async function readRegistriesConf(machine: Machine): Promise<readonly RegistryRule[]> {
  const rules = new Map<string, RegistryRule>();
  for (const file of confFiles(machine)) {
    for (const rule of await readRules(file, machine)) rules.set(rule.prefix, rule);
  }
  return [...rules.values()];
}

/** The rule for a repository, `quay.io/acme/web`: that of the longest prefix. */
export function findRule(rules: readonly RegistryRule[], name: string): RegistryRule | undefined {
  const fitting = rules.filter(({ prefix }) => hasPrefix(name, prefix));
  return fitting.sort((a, b) => b.prefix.length - a.prefix.length)[0];
}

function hasPrefix(name: string, prefix: string): boolean {
  if (!prefix.startsWith("*.")) return name === prefix || name.startsWith(`${prefix}/`);
  const [host = ""] = name.split("/");
  return host.endsWith(prefix.slice(1));
}

function confFiles(machine: Machine): readonly string[] {
  const { variable, homeFolder, systemFolder } = machine;
  const own = join(variable("XDG_CONFIG_HOME") || join(homeFolder, ".config"), "containers");
  const system = join(systemFolder, "containers");
  const explicit = variable("CONTAINERS_REGISTRIES_CONF");
  const usual = [own, system].map((folder) => join(folder, "registries.conf"));
  const main = explicit || usual.find((path) => readFile(path, machine) !== undefined);
  const dropIns = [system, own].flatMap((folder) => confsIn(join(folder, "registries.conf.d")));
  return [...(main === undefined ? [] : [main]), ...dropIns];
}

function readFile(path: string, machine: Machine): string | undefined {
  try {
    return readIfThere(path, machine);
  } catch (cause) {
    throw new ImageError("CONNECTION_INVALID", `${path}: the file cannot be read`, { cause });
  }
}

function confsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".conf"))
      .sort()
      .map((name) => join(folder, name));
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw new ImageError("CONNECTION_INVALID", `${folder}: the folder cannot be read`, { cause });
  }
}

async function readRules(file: string, machine: Machine): Promise<readonly RegistryRule[]> {
  const text = readFile(file, machine);
  if (text === undefined) return [];
  const { parse } = await import("smol-toml");
  try {
    return listAt(parse(text), "registry").map((entry) => toRule(entry, file));
  } catch (cause) {
    throw new ImageError("CONNECTION_INVALID", `${file}: it is not valid TOML`, { cause });
  }
}

function toRule(entry: unknown, file: string): RegistryRule {
  const location = textAt(entry, "location");
  const byDigestOnly = valueAt(entry, "mirror-by-digest-only") === true;
  return {
    prefix: textAt(entry, "prefix") || location,
    location,
    blocked: valueAt(entry, "blocked") === true,
    insecure: valueAt(entry, "insecure") === true,
    mirrors: listAt(entry, "mirror").map((mirror) => toMirror(objectAt({ mirror }, "mirror"), byDigestOnly)),
    file,
  };
}

function toMirror(mirror: unknown, byDigestOnly: boolean): RegistryMirror {
  const pull = textAt(mirror, "pull-from-mirror");
  const isKnown = pull === "all" || pull === "digest-only" || pull === "tag-only";
  return {
    location: textAt(mirror, "location"),
    insecure: valueAt(mirror, "insecure") === true,
    pull: isKnown ? pull : byDigestOnly ? "digest-only" : "all",
  };
}
