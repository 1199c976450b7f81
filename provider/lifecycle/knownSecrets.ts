import { createRedactor } from "../support/text/redact.js";
import { visibleLines } from "../support/text/visible.js";
import {
  credentialsOfDockerConfig,
  credentialsOfKubeconfig,
  credentialsOfLogin,
  credentialsOfProxyHeaders,
  credentialsOfUrl,
  keysOf,
} from "./credentialTexts.js";
import type { Json, JsonObject } from "./wire.js";

/** Everything that must not appear in a message, learnt from arguments, stack config and environment. */
export interface KnownSecrets {
  readonly add: (secret: string) => void;
  /** The credentials of the argument `connection`, and of what other arguments say about engines and registries. */
  readonly learn: (connection: Json | undefined, properties?: JsonObject) => void;
  /** For a text that is processed further. */
  readonly withoutSecrets: (text: string) => string;
  /** Without secrets, and without anything that a terminal obeys: for what leaves the process. */
  readonly redact: (text: string) => string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Secret as a whole, wherever it is given. */
const credentialKeys = ["token", "password", "proxyUrl"] as const;
/** Arguments of resources that hold the credentials of one server. */
const serverArguments = ["engine", "integratedRegistry", "registry"] as const;
const configKeys = [
  "token",
  "password",
  "clientKey",
  "kubeconfig",
  "proxyUrl",
  "proxyHeaders",
  "host",
] as const;

/** What a variable may hold; a path, or a proxy without a password, is no secret. */
const variables: readonly {
  readonly names: readonly string[];
  readonly secretsIn: (text: string) => readonly string[];
}[] = [
  {
    names: ["OKD_TOKEN", "OKD_PASSWORD", "K8S_AUTH_API_KEY", "K8S_AUTH_PASSWORD"],
    secretsIn: (text) => [text],
  },
  {
    names: ["OKD", "K8S_AUTH"].flatMap((prefix) => [
      `${prefix}_PROXY_HEADERS_BASIC_AUTH`,
      `${prefix}_PROXY_HEADERS_PROXY_BASIC_AUTH`,
    ]),
    secretsIn: credentialsOfLogin,
  },
  { names: ["OKD_CLIENT_KEY", "K8S_AUTH_KEY_FILE"], secretsIn: keysOf },
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

  function learnSettings(settings: unknown): void {
    if (!isSettings(settings)) return;
    for (const key of credentialKeys) add(settings[key]);
    for (const key of ["proxyUrl", "host"]) credentialsOfUrl(textOf(settings[key])).forEach(add);
    keysOf(textOf(settings.clientKey)).forEach(add);
    credentialsOfProxyHeaders(textOf(settings.proxyHeaders)).forEach(add);
    credentialsOfKubeconfig(textOf(settings.kubeconfig)).forEach(add);
  }

  function withoutSecrets(text: string): string {
    redactor ??= createRedactor([...secrets]);
    return redactor(text);
  }

  for (const { names, secretsIn } of variables) {
    for (const name of names) secretsIn(environment[name] ?? "").forEach(add);
  }

  return {
    add,
    learn(connection, properties = {}) {
      learnSettings(connection);
      for (const name of serverArguments) learnSettings(properties[name]);
      settingsIn(properties.registries).forEach(learnSettings);
      passwordsOf(properties.pullSecret).forEach(add);
    },
    withoutSecrets,
    redact: (text) => visibleLines(withoutSecrets(text)),
  };
}

/** Of the argument `pullSecret`, whose user names and hosts may be shown. */
function passwordsOf(pullSecret: unknown): readonly unknown[] {
  if (!isSettings(pullSecret)) return [];
  const logins = settingsIn(pullSecret.auths);
  const text = textOf(pullSecret.dockerConfigJson);
  return [...logins.map(({ password }) => password), text, ...credentialsOfDockerConfig(text)];
}

/** The credentials of the stack's configuration, in the shape of a connection. */
export function configuredCredentials(get: (key: string) => string | undefined): Json {
  const found = configKeys.map((key) => [key, get(`okd:${key}`)] as const);
  return Object.fromEntries(
    found.filter((entry): entry is readonly [(typeof configKeys)[number], string] => entry[1] !== undefined),
  );
}

type Settings = Readonly<Record<string, unknown>>;

function settingsIn(map: unknown): readonly Settings[] {
  return isSettings(map) ? Object.values(map).filter(isSettings) : [];
}

function isSettings(value: unknown): value is Settings {
  return typeof value === "object" && value !== null;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : "";
}
