import { parseObject } from "../../oci/manifest.js";
import { isLoopbackHost } from "../../oci/names/registryUrl.js";
import { ImageError } from "../../support/imageError.js";
import { objectAt, textAt, valueAt } from "../../support/json.js";
import type { HttpAnswer } from "../../http/send.js";
import type { Challenge } from "./challenge.js";
import type { Credential } from "./credentials.js";

/** A token for one repository. */
export interface PullToken {
  readonly token: string;
  /** Milliseconds since 1970: shortly before it expires. */
  readonly renewAt: number;
}

interface TokenRequest {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Value of the header; absent for nobody. */
  readonly authorization?: string;
  readonly body?: string;
}

/** Sends one request, repeating it after passing failures. */
export type TokenSender = (request: TokenRequest) => Promise<HttpAnswer>;

export interface TokenOptions {
  /** `repository:library/nginx:pull`, where the challenge says nothing. */
  readonly scope: string;
  /** Undefined: a token for public images. */
  readonly credential: Exclude<Credential, { kind: "bearer" }> | undefined;
  readonly attempted: string;
  readonly now: () => number;
}

export type TokenAnswer =
  | { readonly ok: true; readonly token: PullToken }
  /** The token server refused; its answer explains why. */
  | { readonly ok: false; readonly answer: HttpAnswer };

/** The specification's default for tokens that do not say how long they last. */
const defaultLifetimeSeconds = 60;
const maxLifetimeSeconds = 86_400;
/** A token is renewed this long before it expires, or at half of its life if that is later. */
const renewalMarginMs = 5_000;

/**
 * A token from the realm that a Bearer challenge names (distribution's token and OAuth2 specifications). Passwords and
 * identity tokens go to https and loopback only.
 * @throws ImageError REGISTRY_ERROR: a realm that is unusable, an answer without a token
 */
export async function requestToken(
  challenge: Challenge,
  send: TokenSender,
  options: TokenOptions,
): Promise<TokenAnswer> {
  const { credential, attempted } = options;
  const realm = realmOf(challenge, attempted);
  if (credential !== undefined && realm.protocol !== "https:" && !isLoopbackHost(realm.hostname)) {
    const text = `the registry wants credentials to be sent without TLS to ${realm.host}, which is never done`;
    throw new ImageError("REGISTRY_ERROR", `Cannot ${attempted}: ${text}`);
  }
  const service = challenge.parameters["service"];
  const scope = challenge.parameters["scope"] ?? options.scope;
  const answer = await ask(realm, { ...(service === undefined ? {} : { service }), scope }, send, credential);
  if (answer.status !== 200) return { ok: false, answer };
  const token = tokenOf(answer, options.now());
  if (token !== undefined) return { ok: true, token };
  throw new ImageError("REGISTRY_ERROR", `Cannot ${attempted}: ${realm.host} answered without a token`);
}

function realmOf({ parameters }: Challenge, attempted: string): URL {
  const realm = URL.parse(parameters["realm"] ?? "");
  if (realm !== null && /^https?:$/.test(realm.protocol)) return realm;
  throw new ImageError(
    "REGISTRY_ERROR",
    `Cannot ${attempted}: the registry names no usable token server (realm ${JSON.stringify(parameters["realm"]?.slice(0, 100) ?? "")})`,
  );
}

async function ask(
  realm: URL,
  wanted: Readonly<Record<string, string>>,
  send: TokenSender,
  credential: TokenOptions["credential"],
): Promise<HttpAnswer> {
  if (credential?.kind === "identityToken") {
    const form = {
      grant_type: "refresh_token",
      client_id: "pulumi-okd-images",
      refresh_token: credential.token,
    };
    const answer = await send({
      method: "POST",
      url: realm,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ ...form, ...wanted }).toString(),
    });
    // Token servers without OAuth2 answer with one of these.
    if (![401, 404, 405].includes(answer.status)) return answer;
  }
  const url = new URL(realm);
  for (const [name, value] of Object.entries(wanted)) url.searchParams.set(name, value);
  if (credential === undefined) return await send({ method: "GET", url });
  const { username } = credential;
  const password = credential.kind === "basic" ? credential.password : credential.token;
  if (username !== "" && username !== "<token>") url.searchParams.set("account", username);
  return await send({ method: "GET", url, authorization: basic(username, password) });
}

/** OpenShift's registry takes a token as the password of anybody. */
export function tokenAsPassword(token: string): string {
  return basic("pulumi", token);
}

/** Value of the header Authorization. */
export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function tokenOf({ text }: HttpAnswer, now: number): PullToken | undefined {
  const body = objectAt({ body: parseObject(Buffer.from(text)) }, "body");
  const token = textAt(body, "token") || textAt(body, "access_token");
  const asked = valueAt(body, "expires_in");
  const seconds =
    typeof asked === "number" && asked > 0 ? Math.min(asked, maxLifetimeSeconds) : defaultLifetimeSeconds;
  return token === ""
    ? undefined
    : { token, renewAt: now + seconds * 1000 - Math.min(renewalMarginMs, seconds * 500) };
}
