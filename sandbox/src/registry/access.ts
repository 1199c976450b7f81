import { randomUUID } from "node:crypto";
import { type HttpAnswer, type HttpRequest, jsonAnswer } from "../http/exchange.js";
import { registryError } from "./errors.js";

/** The users of a registry; absent: everyone may do everything. */
export interface RegistryAuthentication {
  readonly scheme: "basic" | "token";
  readonly username: string;
  readonly password: string;
  /** Only for tokens: pulling needs no user. */
  readonly anonymousPull?: boolean;
}

interface Grant {
  readonly scopes: readonly string[];
}

const tokenLifetimeSeconds = 300;
const serviceName = "sandbox-registry";

/** Checks requests and hands out tokens at `/token`. */
export class RegistryAccess {
  readonly #authentication: RegistryAuthentication | undefined;
  readonly #grants = new Map<string, Grant>();

  constructor(authentication: RegistryAuthentication | undefined) {
    this.#authentication = authentication;
  }

  /** The refusal of a request, or undefined when it is allowed. */
  refusal(
    request: HttpRequest,
    repository: string | undefined,
    actions: readonly string[],
  ): HttpAnswer | undefined {
    const authentication = this.#authentication;
    if (authentication === undefined) return undefined;
    const wanted = repository === undefined ? [] : actions.map((action) => `${repository}:${action}`);
    if (authentication.scheme === "basic") {
      if (this.#isKnownUser(request)) return undefined;
      return registryError("UNAUTHORIZED", null, { "www-authenticate": 'Basic realm="sandbox"' });
    }
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
    const grant = token === undefined ? undefined : this.#grants.get(token);
    if (grant !== undefined && wanted.every((scope) => grant.scopes.includes(scope))) return undefined;
    const scope = repository === undefined ? "" : `,scope="repository:${repository}:${actions.join(",")}"`;
    const problem =
      token === undefined ? "" : `,error="${grant === undefined ? "invalid_token" : "insufficient_scope"}"`;
    const challenge = `Bearer realm="${request.origin}/token",service="${serviceName}"${scope}${problem}`;
    return registryError("UNAUTHORIZED", null, { "www-authenticate": challenge });
  }

  /** The token endpoint: as many of the wanted actions as the user may have. */
  issueToken(request: HttpRequest): HttpAnswer {
    const isUser = this.#isKnownUser(request);
    const isAnonymous = request.headers.authorization === undefined;
    if (!isUser && !isAnonymous) return registryError("UNAUTHORIZED");
    const allowed = isUser ? undefined : this.#authentication?.anonymousPull === true ? ["pull"] : [];
    const scopes = request.query.getAll("scope").flatMap(parseScope);
    const granted =
      allowed === undefined
        ? scopes
        : scopes.filter((scope) => allowed.includes(scope.split(":").at(-1) ?? ""));
    const token = randomUUID();
    this.#grants.set(token, { scopes: granted });
    return jsonAnswer(200, {
      token,
      access_token: token,
      expires_in: tokenLifetimeSeconds,
      issued_at: new Date().toISOString(),
    });
  }

  /** As when all tokens have expired. */
  revokeTokens(): void {
    this.#grants.clear();
  }

  #isKnownUser(request: HttpRequest): boolean {
    const pair = /^Basic (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (pair === undefined || this.#authentication === undefined) return false;
    const { username, password } = this.#authentication;
    return Buffer.from(pair, "base64").toString("utf8") === `${username}:${password}`;
  }
}

/** `repository:a/b:pull,push` as `a/b:pull` and `a/b:push`. */
function parseScope(scope: string): readonly string[] {
  const [, repository = "", actions = ""] = /^repository:(.+):([^:]+)$/.exec(scope) ?? [];
  return actions === "" ? [] : actions.split(",").map((action) => `${repository}:${action}`);
}
