import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Agent, request } from "undici";
import { repositoryRoot } from "../repositoryRoot.js";
import type { IntegratedTarget } from "../worlds/contract/target.js";

/** One request to a real OpenShift registry and its answer (test/conformance/image-registry). */
export interface Exchange {
  readonly mode: string;
  readonly user: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is compared: everything that does not differ from run to run. */
export interface ComparedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const file = join(repositoryRoot, "test/conformance/image-registry/exchanges.jsonl");
const recordedNamespace = "ir";

/** In the file's order. */
export function recordedExchanges(): readonly Exchange[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Exchange);
}

/** The recorded answer to `METHOD path` of a user, as the paths are written there. */
export function recordedAnswer(user: string, methodAndPath: string, mode = "normal"): ComparedAnswer {
  const found = recordedExchanges().find(
    (exchange) =>
      exchange.mode === mode &&
      exchange.user === user &&
      `${exchange.method} ${exchange.path}` === methodAndPath,
  );
  if (found === undefined) throw new Error(`nothing was recorded for ${mode}, ${user}: ${methodAndPath}`);
  return compared(found.status, found.headers, found.body, recordedNamespace);
}

export interface RegistryRequester {
  send(token: string | undefined, method: "GET" | "DELETE", path: string): Promise<ComparedAnswer>;
  /** With any user name and the token as password. */
  sendBasic(token: string, method: "GET" | "DELETE", path: string): Promise<ComparedAnswer>;
  close(): Promise<void>;
}

export function openRequester(target: IntegratedTarget, namespace: string): RegistryRequester {
  const { certificateAuthority: ca } = target;
  const dispatcher = new Agent({ connect: ca === undefined ? {} : { ca } });
  const send = async (authorization: string | undefined, method: "GET" | "DELETE", path: string) => {
    const answer = await request(`${target.url}${path}`, {
      method,
      dispatcher,
      headers: {
        accept: "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json",
        ...(authorization === undefined ? {} : { authorization }),
      },
    });
    return compared(answer.statusCode, answer.headers, await answer.body.text(), namespace);
  };
  return {
    send: (token, method, path) => send(token === undefined ? undefined : `Bearer ${token}`, method, path),
    sendBasic: (token, method, path) =>
      send(`Basic ${Buffer.from(`anybody:${token}`).toString("base64")}`, method, path),
    close: () => dispatcher.close(),
  };
}

const comparedHeaders = [
  "allow",
  "content-type",
  "docker-content-digest",
  "docker-distribution-api-version",
  "www-authenticate",
  "x-registry-supports-signatures",
];

function compared(
  status: number,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  body: string,
  namespace: string,
): ComparedAnswer {
  const normalized = (text: string): string =>
    text
      .replace(/[0-9a-f]{64}/g, "<hex>")
      .replace(/https?:\/\/[^/"]+/g, "<registry>")
      .replaceAll(`${namespace}/`, "<namespace>/");
  const kept = comparedHeaders.flatMap((name): [string, string][] => {
    const value = headers[name];
    return value === undefined ? [] : [[name, normalized(String(value))]];
  });
  return { status, headers: Object.fromEntries(kept), body: comparedBody(normalized(body)) };
}

/** A manifest's content is another in every run, and cut in the recording. */
function comparedBody(text: string): unknown {
  if (text.startsWith(`{"schemaVersion"`)) return "<manifest>";
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
