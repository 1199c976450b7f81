import type { ConnectionInputs } from "../../../provider/cluster/connection/schema.js";
import type { DocumentedSource } from "./connectionTable.js";

/** What a process is given so that it connects. */
export interface SaidConnection {
  readonly connection?: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The settings said all at the place of `source`, which is the only one that says its own; the others have their first
 * documented name there. `leaveOut` is for what happens without it.
 */
export function sayConnection(
  settings: ConnectionInputs,
  source: DocumentedSource,
  documented: readonly DocumentedSource[],
  leaveOut = false,
): SaidConnection {
  const said = Object.entries(settings).filter(
    ([field, value]) => value !== undefined && !(leaveOut && field === source.field),
  );
  if (source.place === "argument") {
    return { connection: Object.fromEntries(said), config: {}, environment: {} };
  }
  if (source.place === "stack config") {
    const config = said.map(([field, value]) => [`okd:${field}`, textOf(value)] as const);
    return { config: Object.fromEntries(config), environment: {} };
  }
  const variables = said.flatMap(([field, value]) => {
    const names = documented.filter((each) => each.place === "variable" && each.field === field);
    return variablesOf(
      field === source.field
        ? [source.name, ...names.map(({ name }) => name)]
        : names.map(({ name }) => name),
      value,
    );
  });
  return { config: {}, environment: Object.fromEntries(variables) };
}

/** The first name, or for users to impersonate the first of each kind. */
function variablesOf(names: readonly string[], value: unknown): readonly (readonly [string, string])[] {
  const [name = ""] = names;
  if (typeof value === "object" && value !== null && "user" in value) {
    const { user, groups } = value as { readonly user: string; readonly groups?: readonly string[] };
    const ofKind = (kind: string) => names.find((each) => each.endsWith(kind)) ?? "";
    const asked: readonly (readonly [string, string])[] = [[ofKind("_USER"), user]];
    return groups === undefined ? asked : [...asked, [ofKind("_GROUPS"), groups.join(",")]];
  }
  if (/_PROXY_HEADERS_/.test(name)) {
    const header = proxyHeaderOf(name);
    return [[name, String((value as Readonly<Record<string, unknown>>)[header])]];
  }
  if (name.endsWith("_VERIFY_SSL")) return [[name, value === true ? "no" : "yes"]];
  return [[name, textOf(value)]];
}

/** `basicAuth` of `OKD_PROXY_HEADERS_BASIC_AUTH`. */
export function proxyHeaderOf(variable: string): "basicAuth" | "proxyBasicAuth" | "userAgent" {
  const [, header = ""] = /_PROXY_HEADERS_(PROXY_BASIC_AUTH|BASIC_AUTH|USER_AGENT)$/.exec(variable) ?? [];
  if (header === "PROXY_BASIC_AUTH") return "proxyBasicAuth";
  return header === "BASIC_AUTH" ? "basicAuth" : "userAgent";
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
