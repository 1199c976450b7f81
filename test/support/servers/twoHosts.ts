import assert from "node:assert/strict";
import type { ServerOptions } from "node:https";
import { type Respond, type SeenRequest, startServer, type TestServer } from "./scripted.js";

/** The host that credentials are for, and another one; both record everything that they receive. */
export interface TwoHosts {
  readonly own: TestServer;
  readonly foreign: TestServer;
  close(): Promise<void>;
}

export const apiVersion = { "docker-distribution-api-version": "registry/2.0" } as const;

/** `own` knows the other's URL. */
export async function startTwoHosts(
  own: (foreignUrl: string) => Respond,
  foreign: Respond = takesEverything,
  tls: { readonly own?: ServerOptions; readonly foreign?: ServerOptions } = {},
): Promise<TwoHosts> {
  const other = await startServer(foreign, tls.foreign);
  const first = await startServer(own(other.url), tls.own);
  return {
    own: first,
    foreign: other,
    async close() {
      await first.close();
      await other.close();
    },
  };
}

/** A hostile server that leads every client on: it is a registry, wants credentials, and has everything. */
export const takesEverything: Respond = ({ headers }) =>
  headers.authorization === undefined
    ? { status: 401, headers: { ...apiVersion, "www-authenticate": 'Basic realm="x"' }, body: "" }
    : { status: 200, headers: apiVersion, body: { token: "foreign", access_token: "foreign" } };

/** Every way in which a secret may be written in a request. */
function spellings(secret: string): readonly string[] {
  const base64 = (text: string) => Buffer.from(text).toString("base64").replace(/=+$/, "");
  return [
    secret,
    encodeURIComponent(secret),
    base64(secret),
    base64(`pulumi:${secret}`),
    base64(`ann:${secret}`),
  ];
}

/** Fails when any of these requests carries a secret, or identifies the user in any way. */
export function assertNoSecret(seen: readonly SeenRequest[], ...secrets: readonly string[]): void {
  for (const request of seen) {
    const text = JSON.stringify(request);
    for (const spelling of secrets.flatMap(spellings)) {
      assert.ok(!text.includes(spelling), `${request.method} ${request.url} carries ${spelling}`);
    }
    const { authorization, cookie } = request.headers;
    assert.deepEqual([authorization, cookie, request.clientCertificate], [undefined, undefined, undefined]);
  }
}

/** The values of Authorization that a server was shown, each once, in order. */
export function shownTo({ seen }: Pick<TestServer, "seen">): readonly string[] {
  return [...new Set(seen.flatMap(({ headers }) => headers.authorization ?? []))];
}
