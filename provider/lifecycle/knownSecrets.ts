import { createRedactor } from "../support/redact.js";
import type { Json } from "./wire.js";

/** Everything that must not appear in a message, learnt from arguments, stack config and environment. */
export interface KnownSecrets {
  readonly add: (secret: string) => void;
  /** The credentials of the argument `connection`. */
  readonly learn: (connection: Json | undefined) => void;
  readonly redact: (text: string) => string;
}

const credentialKeys = ["token", "password", "clientKey", "proxyUrl"] as const;
const configKeys = ["okd:token", "okd:password", "okd:clientKey", "okd:kubeconfig"] as const;
const variables = ["K8S_AUTH_API_KEY", "K8S_AUTH_PASSWORD", "OKD_TOKEN", "OKD_PASSWORD"] as const;
/** Credentials inside a kubeconfig, YAML or JSON. */
const kubeconfigCredential =
  /"?(?:token|password|client-key-data|id-token|refresh-token|client-secret)"?\s*:\s*["']?([^\s"',}]+)/g;

export function createKnownSecrets(environment: Readonly<Record<string, string | undefined>>): KnownSecrets {
  const secrets = new Set<string>();
  for (const name of variables) add(environment[name]);
  let redactor: ((text: string) => string) | undefined;

  function add(value: unknown): void {
    if (typeof value !== "string" || value === "" || secrets.has(value)) return;
    secrets.add(value);
    redactor = undefined;
  }

  function addKubeconfig(kubeconfig: unknown): void {
    if (kubeconfig === undefined) return;
    const text = typeof kubeconfig === "string" ? kubeconfig : JSON.stringify(kubeconfig);
    for (const [, credential] of text.matchAll(kubeconfigCredential)) add(credential);
  }

  return {
    add,
    learn(connection) {
      if (typeof connection !== "object" || connection === null) return;
      const settings = connection as Readonly<Record<string, unknown>>;
      for (const key of credentialKeys) add(settings[key]);
      addKubeconfig(settings.kubeconfig);
    },
    redact(text) {
      redactor ??= createRedactor([...secrets]);
      return redactor(text);
    },
  };
}

/** The credentials of the stack's configuration, in the shape of a connection. */
export function configuredCredentials(get: (key: string) => string | undefined): Json {
  const found = configKeys.map((key) => [key.slice("okd:".length), get(key)] as const);
  return Object.fromEntries(
    found.filter((entry): entry is readonly [string, string] => entry[1] !== undefined),
  );
}
