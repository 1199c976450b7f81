import { createHash } from "node:crypto";
import { join } from "node:path";
import { ImageError } from "../../support/imageError.js";
import { objectAt, textAt, valueAt } from "../../support/json.js";
import { type Machine, readIfThere, setVariable } from "../../http/machine.js";

/** What a context of the Docker CLI says about its engine. */
export interface DockerContext {
  /** As in DOCKER_HOST; undefined where the context names none. */
  readonly host: string | undefined;
  readonly skipTlsVerify: boolean;
  /** PEM texts. */
  readonly tls: {
    readonly ca: string | undefined;
    readonly cert: string | undefined;
    readonly key: string | undefined;
  };
}

/** The context that stands for no context: DOCKER_HOST, else the default socket. */
export const defaultContext = "default";

/** Folder of config.json, contexts and, by default, certificates: DOCKER_CONFIG, else ~/.docker. */
export function dockerConfigFolder(machine: Machine): string {
  return setVariable(machine, "DOCKER_CONFIG") ?? join(machine.homeFolder, ".docker");
}

/**
 * The context that `docker context use` has chosen; undefined when none was.
 * @throws ImageError ENGINE_INVALID when config.json is not JSON
 */
export function currentContext(machine: Machine): string | undefined {
  const file = join(dockerConfigFolder(machine), "config.json");
  const config = readJson(file, machine);
  return textAt(config, "currentContext") || undefined;
}

/**
 * @param origin where the name comes from, for messages: `variable DOCKER_CONTEXT`
 * @throws ImageError ENGINE_INVALID: there is no such context, or its files cannot be read
 */
export function readContext(name: string, origin: string, machine: Machine): DockerContext {
  const contexts = join(dockerConfigFolder(machine), "contexts");
  const id = createHash("sha256").update(name).digest("hex");
  const meta = readJson(join(contexts, "meta", id, "meta.json"), machine);
  if (meta === undefined) {
    const text = `There is no Docker context ${JSON.stringify(name)} (${origin}) below ${contexts}; \`docker context ls\` lists those there are`;
    throw new ImageError("ENGINE_INVALID", text);
  }
  const endpoint = objectAt(meta, "Endpoints", "docker");
  const pem = (file: string) => readText(join(contexts, "tls", id, "docker", file), machine);
  return {
    host: textAt(endpoint, "Host") || undefined,
    skipTlsVerify: valueAt(endpoint, "SkipTLSVerify") === true,
    tls: { ca: pem("ca.pem"), cert: pem("cert.pem"), key: pem("key.pem") },
  };
}

function readJson(file: string, machine: Machine): unknown {
  const text = readText(file, machine);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ImageError("ENGINE_INVALID", `${file} is not JSON; the Docker CLI writes it`, { cause });
  }
}

function readText(file: string, machine: Machine): string | undefined {
  try {
    return readIfThere(file, machine);
  } catch (cause) {
    throw new ImageError("ENGINE_INVALID", `${file} cannot be read: ${String(cause)}`, { cause });
  }
}
