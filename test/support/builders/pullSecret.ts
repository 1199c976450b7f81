import type { DesiredPullSecret } from "../../../provider/imports/args/pullSecret/desired.js";
import { configOfLogins, type DockerConfig } from "../../../provider/imports/args/pullSecret/dockerConfig.js";
import { type SecretClaim, withSecretClaims } from "../../../provider/imports/plan/pullSecret/claims.js";
import type { Secret } from "../../../provider/okd/secret.js";

/** URN of a resource of the program `shop` in the stack `dev`. */
export const urnOfStream = (name: string, project = "shop") =>
  `urn:pulumi:dev::${project}::pulumi-nodejs:dynamic/okd:ImportedImageStream::${name}`;

/** A login for each key. */
export function config(password: string, ...keys: readonly string[]): DockerConfig {
  const used = keys.length === 0 ? ["quay.io"] : keys;
  return configOfLogins(Object.fromEntries(used.map((key) => [key, { username: "robot", password }])));
}

export interface SecretParts {
  readonly name?: string;
  readonly namespace?: string;
  readonly config?: DockerConfig;
  readonly claims?: readonly SecretClaim[];
  readonly type?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export function pullSecret({
  name = "web-pull",
  namespace = "shop",
  config: content = config("hunter2"),
  claims = [],
  type = "kubernetes.io/dockerconfigjson",
  annotations = {},
}: SecretParts = {}): Secret {
  const [key, value] =
    type === "kubernetes.io/dockercfg" ? [".dockercfg", content.auths] : [".dockerconfigjson", content];
  return {
    metadata: { namespace, name, annotations: withSecretClaims(annotations, claims) },
    type,
    data: { [key]: Buffer.from(JSON.stringify(value)).toString("base64") },
  };
}

export function declared(content: DockerConfig, name = "web-pull"): DesiredPullSecret {
  return { kind: "declared", argument: "pullSecret", name, config: content };
}

export function copied(namespace: string, source: string, name = source): DesiredPullSecret {
  return { kind: "copied", argument: "pullSecretFrom", name, source: { namespace, name: source } };
}
