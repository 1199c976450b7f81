import { randomUUID, sign, X509Certificate } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { registryPassword, registryUser, type TokenIssuer } from "../programs/dockerRegistry.js";
import { createAuthority } from "./certificates.js";

export interface TokenServer extends TokenIssuer {
  /** Users and what they asked for: `puller repository:demo/web:pull`. */
  readonly asked: string[];
  readonly close: () => Promise<void>;
}

const service = "test-registry";
const issuer = "test-issuer";

/** Signs what the user asks for; anonymous users may pull from `public/`. The lifetime of tokens can be set. */
export async function startTokenServer(lifetimeSeconds = 300): Promise<TokenServer> {
  const authority = await createAuthority("Token CA");
  const signer = await authority.issue("signer", ["signer"]);
  const asked: string[] = [];
  const server = http.createServer(({ url, headers }, response) => {
    const scopes = new URL(url ?? "", "http://tokens").searchParams.getAll("scope");
    const user = userOf(headers.authorization);
    asked.push([user ?? "nobody", ...scopes].join(" "));
    if (headers.authorization !== undefined && user === undefined) {
      response.writeHead(401, { "content-type": "application/json" });
      response.end(JSON.stringify({ errors: [{ code: "UNAUTHORIZED", message: "no such user" }] }));
      return;
    }
    const token = signedToken(accessFor(scopes, user), signer, lifetimeSeconds);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ token, expires_in: lifetimeSeconds }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    realm: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    service,
    issuer,
    rootCertificate: authority.cert,
    asked,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function userOf(authorization: string | undefined): string | undefined {
  const pair = Buffer.from(authorization?.replace(/^Basic /, "") ?? "", "base64").toString();
  return pair === `${registryUser}:${registryPassword}` ? registryUser : undefined;
}

function accessFor(scopes: readonly string[], user: string | undefined): readonly object[] {
  return scopes
    .map((scope) => scope.split(":"))
    .filter(([, name = ""]) => user !== undefined || name.startsWith("public/"))
    .map(([type, name, actions = ""]) => ({
      type,
      name,
      actions: user === undefined ? ["pull"] : actions.split(","),
    }));
}

/** ES256, with the signer's certificate in the header. */
function signedToken(
  access: readonly object[],
  signer: { readonly cert: string; readonly key: string },
  lifetimeSeconds: number,
): string {
  const now = Math.floor(Date.now() / 1000);
  const x5c = [new X509Certificate(signer.cert).raw.toString("base64")];
  const claims = {
    iss: issuer,
    sub: "",
    aud: service,
    iat: now,
    nbf: now - 10,
    exp: now + lifetimeSeconds,
    jti: randomUUID(),
    access,
  };
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const content = `${encode({ typ: "JWT", alg: "ES256", x5c })}.${encode(claims)}`;
  const signature = sign("sha256", Buffer.from(content), { key: signer.key, dsaEncoding: "ieee-p1363" });
  return `${content}.${signature.toString("base64url")}`;
}
