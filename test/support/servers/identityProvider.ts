import { type Authority, createAuthority } from "./certificates.js";
import { startServer, type TestServer } from "./scripted.js";

/** An OpenID provider that renews tokens of one client. */
export interface IdentityProvider {
  readonly server: TestServer;
  readonly authority: Authority;
  /** What it was given, in order: `refresh-1 of okd with hush`. */
  readonly redeemed: () => readonly string[];
  /** A token of the user that is valid for so many seconds. */
  readonly idToken: (validSeconds: number, number?: number) => string;
}

export const oidcClient = "okd";

/** Each new token is valid for an hour and has a number of its own, beginning with 1. */
export async function startIdentityProvider(): Promise<IdentityProvider> {
  const authority = await createAuthority("Identity CA");
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const idToken = (validSeconds: number, number = 0) => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: server.url, aud: oidcClient, sub: "ann", iat: now - 5, exp: now + validSeconds };
    return `${part({ alg: "RS256", kid: "1" })}.${part({ ...claims, number })}.c2lnbmF0dXJl`;
  };
  const given: string[] = [];
  const server: TestServer = await startServer(
    ({ method, url, body }) => {
      if (url === "/.well-known/openid-configuration") return { body: discovery(server.url) };
      const form = new URLSearchParams(body);
      if (method !== "POST" || url !== "/token" || form.get("grant_type") !== "refresh_token")
        return { status: 404, body: {} };
      given.push(
        `${form.get("refresh_token")} of ${form.get("client_id")} with ${form.get("client_secret")}`,
      );
      const id_token = idToken(3600, given.length);
      return {
        body: {
          access_token: "a",
          token_type: "Bearer",
          id_token,
          refresh_token: "refresh-2",
          expires_in: 3600,
        },
      };
    },
    await authority.issue("id", ["127.0.0.1"]),
  );
  return { server, authority, redeemed: () => given, idToken };
}

function discovery(issuer: string): object {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/keys`,
    id_token_signing_alg_values_supported: ["RS256"],
    response_types_supported: ["code"],
    subject_types_supported: ["public"],
  };
}
