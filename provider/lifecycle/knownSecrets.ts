import { createRedactor } from "../support/redact.js";
import { credentialsOfDockerConfig, credentialsOfKubeconfig, credentialsOfUrl } from "./credentialTexts.js";
import type { Json } from "./wire.js";

/** Everything that must not appear in a message, learnt from arguments, stack config and environment. */
export interface KnownSecrets {
  readonly add: (secret: string) => void;
  /** The credentials of the argument `connection`. */
  readonly learn: (connection: Json | undefined) => void;
  readonly redact: (text: string) => string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Secret as a whole, wherever it is given. */
const credentialKeys = ["token", "password", "proxyUrl"] as const;
const configKeys = ["token", "password", "clientKey", "kubeconfig", "proxyUrl", "host"] as const;

/** What a variable may hold; a path, or a proxy without a password, is no secret. */
const variables: readonly {
  readonly names: readonly string[];
  readonly secretsIn: (text: string) => readonly string[];
}[] = [
  {
    names: ["OKD_TOKEN", "OKD_PASSWORD", "K8S_AUTH_API_KEY", "K8S_AUTH_PASSWORD"],
    secretsIn: (text) => [text],
  },
  { names: ["OKD_CLIENT_KEY", "K8S_AUTH_KEY_FILE"], secretsIn: pemOf },
  {
    names: ["OKD_KUBECONFIG", "K8S_AUTH_KUBECONFIG", "KUBECONFIG"],
    secretsIn: credentialsOfKubeconfig,
  },
  {
    names: [
      "OKD_PROXY_URL",
      "K8S_AUTH_PROXY",
      ...["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"].flatMap((name) => [name, name.toLowerCase()]),
      "OKD_HOST",
      "K8S_AUTH_HOST",
      "DOCKER_HOST",
    ],
    secretsIn: credentialsOfUrl,
  },
  { names: ["DOCKER_AUTH_CONFIG"], secretsIn: credentialsOfDockerConfig },
];

export function createKnownSecrets(environment: Environment): KnownSecrets {
  const secrets = new Set<string>();
  let redactor: ((text: string) => string) | undefined;

  function add(value: unknown): void {
    if (typeof value !== "string" || value === "" || secrets.has(value)) return;
    secrets.add(value);
    redactor = undefined;
  }

  for (const { names, secretsIn } of variables) {
    for (const name of names) secretsIn(environment[name] ?? "").forEach(add);
  }

  return {
    add,
    learn(connection) {
      if (typeof connection !== "object" || connection === null) return;
      const settings = connection as Readonly<Record<string, unknown>>;
      for (const key of credentialKeys) add(settings[key]);
      for (const key of ["proxyUrl", "host"]) credentialsOfUrl(textOf(settings[key])).forEach(add);
      pemOf(textOf(settings.clientKey)).forEach(add);
      credentialsOfKubeconfig(textOf(settings.kubeconfig)).forEach(add);
    },
    redact(text) {
      redactor ??= createRedactor([...secrets]);
      return redactor(text);
    },
  };
}

/** The credentials of the stack's configuration, in the shape of a connection. */
export function configuredCredentials(get: (key: string) => string | undefined): Json {
  const found = configKeys.map((key) => [key, get(`okd:${key}`)] as const);
  return Object.fromEntries(
    found.filter((entry): entry is readonly [(typeof configKeys)[number], string] => entry[1] !== undefined),
  );
}

/** A key is given as a path, which may be shown, or as its text. */
function pemOf(text: string): readonly string[] {
  return text.includes("-----BEGIN ") ? [text] : [];
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : "";
}
