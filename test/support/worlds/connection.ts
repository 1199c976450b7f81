import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Sandbox, startSandbox } from "okd-image-sandbox";
import { createAuthority } from "../servers/certificates.js";
import { type SeenByProxy, startProxy } from "../servers/proxy.js";
import { failure, startServer, type TestServer } from "../servers/scripted.js";

/** What the rows of the connection's table are run against: one cluster, and servers for what it cannot show. */
export interface ConnectionWorld {
  readonly sandbox: Sandbox;
  /** Another cluster, without TLS, which forbids everything. */
  readonly other: TestServer;
  /** With a certificate for api.internal alone, of this authority. */
  readonly internal: TestServer;
  readonly internalAuthority: string;
  /** Takes connections and never answers. */
  readonly stalled: TestServer;
  readonly proxyPort: number;
  /** Who has given which user name to the proxy: `ann CONNECT 127.0.0.1:6443`. */
  readonly proxied: string[];
  /** Path of a new file with that text. */
  readonly file: (text: string) => string;
  /** How often a request to the cluster carried these headers, from now on. */
  readonly watch: (headers: Readonly<Record<string, string>>) => () => number;
  readonly close: () => Promise<void>;
}

export async function openConnectionWorld(): Promise<ConnectionWorld> {
  const folder = mkdtempSync(join(tmpdir(), "connection-"));
  const sandbox = await startSandbox({ namespaces: ["shop"], plainHttp: true });
  const forbidding = () => failure(403, "Forbidden", "the other cluster forbids it");
  const other = await startServer(forbidding);
  const authority = await createAuthority("Internal CA");
  const internal = await startServer(forbidding, await authority.issue("api", ["api.internal"]));
  const stalled = await startServer(() => ({ stall: true }));
  const proxied: string[] = [];
  const proxy = await startProxy((seen) => proxied.push(`${userOf(seen)} ${seen.method} ${seen.url}`));
  let files = 0;
  return {
    sandbox,
    other,
    internal,
    internalAuthority: authority.cert,
    stalled,
    proxyPort: proxy.port,
    proxied,
    file(text) {
      files += 1;
      const path = join(folder, `file-${files}`);
      writeFileSync(path, text);
      return path;
    },
    watch(headers) {
      let count = 0;
      sandbox.onRequest({ headers, times: 0 }, () => void (count += 1));
      return () => count;
    },
    async close() {
      await Promise.all([proxy, sandbox, other, internal, stalled].map((server) => server.close()));
      rmSync(folder, { recursive: true });
    },
  };
}

/** By whichever header tells it. */
function userOf({ headers }: SeenByProxy): string | undefined {
  const { authorization, "proxy-authorization": login = authorization, "user-agent": agent } = headers;
  const [user] = Buffer.from(login?.replace("Basic ", "") ?? "", "base64")
    .toString("utf8")
    .split(":");
  return user || agent;
}
