import { scryptSync } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Secret, SecretKey } from "../../../okd/secret.js";
import { own } from "../../../support/collections.js";
import { isObject } from "../../../support/json.js";
import { byKey } from "../../../support/text/spelling.js";
import { type DockerConfig, parseDockerConfig, parseObject } from "../../args/pullSecret/dockerConfig.js";

export const pullSecretType = "kubernetes.io/dockerconfigjson";
const dataKey = ".dockerconfigjson";
const legacyType = "kubernetes.io/dockercfg";
const legacyDataKey = ".dockercfg";

/** Of both types, in the form of the newer one; undefined where a secret is of another type or cannot be read. */
export function configOf({ type, data }: Secret): DockerConfig | undefined {
  if (type === pullSecretType) return parseDockerConfig(decoded(own(data, dataKey)));
  if (type !== legacyType) return undefined;
  const auths = parseObject(decoded(own(data, legacyDataKey)));
  return auths === undefined ? undefined : { auths };
}

/** The secret's data with this content; other keys are kept. */
export function dataWith(config: DockerConfig, data: Secret["data"]): Readonly<Record<string, string>> {
  return { ...data, [dataKey]: Buffer.from(JSON.stringify(config), "utf8").toString("base64") };
}

export function isSameConfig(a: DockerConfig | undefined, b: DockerConfig | undefined): boolean {
  return isDeepStrictEqual(a, b);
}

const fingerprintBytes = 6;

/**
 * Tells two contents of one secret apart, for people. It is salted, slow to compute and short, so that a password cannot be
 * guessed by it.
 */
export function fingerprint(config: DockerConfig, { namespace, name }: SecretKey): string {
  const salt = `pulumi-okd-images ${namespace}/${name}`;
  return scryptSync(JSON.stringify(sorted(config)), salt, fingerprintBytes).toString("hex");
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, element]): [string, unknown] => [key, sorted(element)]);
  return entries.sort(byKey);
}

function decoded(base64: string | undefined): string {
  return Buffer.from(base64 ?? "", "base64").toString("utf8");
}
