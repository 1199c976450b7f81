import type { ProxyHeaders } from "../../http/proxy.js";
import { ImageError } from "../../support/imageError.js";
import type { ConnectionInputs } from "./schema.js";

export type ConnectionField = keyof ConnectionInputs;

/** What one place says about the connection, and where exactly it says so. */
export interface ConnectionFields {
  readonly inputs: ConnectionInputs;
  /** For messages: `argument`, `stack config okd:token`, `variable K8S_AUTH_API_KEY`. */
  readonly origin: (field: ConnectionField) => string;
  readonly place: "argument" | "stack config" | "environment";
}

/** Text fields and their variables, ours first, then Ansible's. */
const variables = {
  context: ["OKD_CONTEXT", "K8S_AUTH_CONTEXT"],
  cluster: ["OKD_CLUSTER"],
  namespace: ["OKD_NAMESPACE"],
  host: ["OKD_HOST", "K8S_AUTH_HOST"],
  token: ["OKD_TOKEN", "K8S_AUTH_API_KEY"],
  username: ["OKD_USERNAME", "K8S_AUTH_USERNAME"],
  password: ["OKD_PASSWORD", "K8S_AUTH_PASSWORD"],
  caCert: ["OKD_CA_CERT", "K8S_AUTH_SSL_CA_CERT"],
  clientCert: ["OKD_CLIENT_CERT", "K8S_AUTH_CERT_FILE"],
  clientKey: ["OKD_CLIENT_KEY", "K8S_AUTH_KEY_FILE"],
  tlsServerName: ["OKD_TLS_SERVER_NAME"],
  proxyUrl: ["OKD_PROXY_URL", "K8S_AUTH_PROXY"],
  noProxy: ["OKD_NO_PROXY", "K8S_AUTH_NO_PROXY"],
} as const satisfies Partial<Record<ConnectionField, readonly string[]>>;

type TextField = keyof typeof variables;
const textFields = Object.keys(variables) as readonly TextField[];

const stackConfigFields = [
  ...textFields,
  "kubeconfig",
  "skipTlsVerify",
  "timeoutSeconds",
  "impersonate",
  "proxyHeaders",
] as const;

const headerNames = {
  basicAuth: "PROXY_HEADERS_BASIC_AUTH",
  proxyBasicAuth: "PROXY_HEADERS_PROXY_BASIC_AUTH",
  userAgent: "PROXY_HEADERS_USER_AGENT",
} as const satisfies Record<keyof ProxyHeaders, string>;

/** All keys of stack config that say something about the connection. */
export const stackConfigKeys: readonly string[] = stackConfigFields.map((field) => `okd:${field}`);

/** A found text and the name of the place, per field. */
type Found = ReadonlyMap<ConnectionField, { readonly text: string; readonly origin: string }>;

export function fieldsFromArguments(inputs: ConnectionInputs | undefined): ConnectionFields {
  return { inputs: inputs ?? {}, origin: () => "argument", place: "argument" };
}

/**
 * Stack config `okd:<name of the argument>`; `okd:impersonate` and `okd:proxyHeaders` are JSON objects as
 * `pulumi config set --path` makes them.
 * @throws ImageError CONNECTION_INVALID
 */
export function fieldsFromStackConfig(config: (key: string) => string | undefined): ConnectionFields {
  const found = new Map<ConnectionField, { text: string; origin: string }>();
  for (const field of stackConfigFields) {
    const text = config(`okd:${field}`);
    if (text !== undefined && text !== "") found.set(field, { text, origin: `stack config okd:${field}` });
  }
  const inputs = {
    ...typedInputs(found),
    ...kubeconfigText(found),
    ...impersonateFromJson(found),
    ...proxyHeadersFromJson(found),
  };
  return { inputs, origin: originOf(found), place: "stack config" };
}

/**
 * Variables `OKD_*`, then Ansible's `K8S_AUTH_*`, then KUBECONFIG. Empty ones count as absent.
 * @throws ImageError CONNECTION_INVALID
 */
export function fieldsFromEnvironment(variable: (name: string) => string | undefined): ConnectionFields {
  const found = new Map<ConnectionField, { text: string; origin: string }>();
  const look = (field: ConnectionField, names: readonly string[], convert = (text: string) => text) => {
    const name = names.find((candidate) => (variable(candidate) ?? "") !== "");
    if (name === undefined) return;
    found.set(field, { text: convert(variable(name) ?? ""), origin: `variable ${name}` });
  };
  for (const field of textFields) look(field, variables[field]);
  look("skipTlsVerify", ["K8S_AUTH_VERIFY_SSL"], negated);
  look("skipTlsVerify", ["OKD_SKIP_TLS_VERIFY"]);
  look("timeoutSeconds", ["OKD_TIMEOUT_SECONDS"]);
  look("kubeconfig", ["OKD_KUBECONFIG", "K8S_AUTH_KUBECONFIG", "KUBECONFIG"]);
  look("impersonate", ["OKD_IMPERSONATE_USER", "K8S_AUTH_IMPERSONATE_USER"]);
  const groupNames = ["OKD_IMPERSONATE_GROUPS", "K8S_AUTH_IMPERSONATE_GROUPS"];
  const groupsFrom = groupNames.find((name) => (variable(name) ?? "") !== "");
  const groups = groupsFrom === undefined ? [] : commaSeparated(variable(groupsFrom) ?? "");
  const user = found.get("impersonate")?.text;
  if (groupsFrom !== undefined && user === undefined) {
    throw invalid("impersonate", "groups need a user beside them", `variable ${groupsFrom}`);
  }
  const proxyHeaders: Partial<Record<keyof ProxyHeaders, string>> = {};
  for (const [header, name] of Object.entries(headerNames)) {
    look("proxyHeaders", [`OKD_${name}`, `K8S_AUTH_${name}`], (text) => {
      proxyHeaders[header as keyof ProxyHeaders] = text;
      return text;
    });
  }
  return {
    inputs: {
      ...typedInputs(found),
      ...kubeconfigText(found),
      ...(user === undefined ? {} : { impersonate: { user, groups } }),
      ...(Object.keys(proxyHeaders).length === 0 ? {} : { proxyHeaders }),
    },
    origin: originOf(found),
    place: "environment",
  };
}

function originOf(found: Found): ConnectionFields["origin"] {
  return (field) => found.get(field)?.origin ?? "argument";
}

function typedInputs(found: Found): ConnectionInputs {
  const texts = textFields.flatMap((field) => {
    const text = found.get(field)?.text;
    return text === undefined ? [] : [[field, text] as const];
  });
  const skip = found.get("skipTlsVerify");
  const timeout = found.get("timeoutSeconds");
  return {
    ...(Object.fromEntries(texts) as Partial<Record<TextField, string>>),
    ...(skip === undefined ? {} : { skipTlsVerify: toBoolean(skip.text, skip.origin) }),
    ...(timeout === undefined ? {} : { timeoutSeconds: toSeconds(timeout.text, timeout.origin) }),
  };
}

function kubeconfigText(found: Found): ConnectionInputs {
  const text = found.get("kubeconfig")?.text;
  return text === undefined ? {} : { kubeconfig: text };
}

function impersonateFromJson(found: Found): ConnectionInputs {
  const given = found.get("impersonate");
  if (given === undefined) return {};
  try {
    const { user, groups = [] } = JSON.parse(given.text) as {
      readonly user?: unknown;
      readonly groups?: readonly unknown[];
    };
    if (typeof user === "string" && user !== "" && Array.isArray(groups))
      return { impersonate: { user, groups: groups.map(String) } };
  } catch {
    // falls through to the same message
  }
  throw invalid("impersonate", `is not {"user": "...", "groups": [...]}`, given.origin);
}

function proxyHeadersFromJson(found: Found): ConnectionInputs {
  const given = found.get("proxyHeaders");
  if (given === undefined) return {};
  const entries = Object.entries(parsedObject(given.text));
  if (entries.length > 0 && entries.every(([name, text]) => Object.hasOwn(headerNames, name) && isText(text)))
    return { proxyHeaders: Object.fromEntries(entries) };
  const shape = Object.keys(headerNames).map((name) => `"${name}": "..."`);
  throw invalid("proxyHeaders", `is not {${shape.join(", ")}}, or a part of it`, given.origin);
}

/** Empty for anything else. */
function parsedObject(text: string): object {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

/** Ansible's words for booleans, and Pulumi's. */
function toBoolean(text: string, origin: string): boolean {
  const word = text.toLowerCase();
  if (["true", "yes", "on", "1"].includes(word)) return true;
  if (["false", "no", "off", "0"].includes(word)) return false;
  throw invalid("skipTlsVerify", `"${text.slice(0, 40)}" is neither true nor false`, origin);
}

/** Negates a boolean in text form; returns other texts unchanged, so that the message shows what was written. */
function negated(text: string): string {
  try {
    return String(!toBoolean(text, ""));
  } catch {
    return text;
  }
}

function toSeconds(text: string, origin: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 3600) return seconds;
  throw invalid("timeoutSeconds", `"${text.slice(0, 40)}" is not a number of seconds from 1 to 3600`, origin);
}

function commaSeparated(text: string): readonly string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** Every wrong connection setting reads `connection.<field>: <what is wrong> (<where it comes from>)`. */
export function problemText(field: ConnectionField, problem: string, origin: string): string {
  return `connection.${field}: ${problem} (${origin})`;
}

/** The error CONNECTION_INVALID for one setting; to be thrown. */
export function invalid(field: ConnectionField, problem: string, origin: string): ImageError {
  return new ImageError("CONNECTION_INVALID", problemText(field, problem, origin));
}
