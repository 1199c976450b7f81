import { randomBytes } from "node:crypto";
import type { HttpRequest } from "../../http/exchange.js";
import type { User } from "../model/resource.js";
import { unauthorized } from "../model/status.js";

export const anonymous: User = { name: "system:anonymous", groups: ["system:unauthenticated"] };

/** Bearer tokens and client certificates; a request without either is anonymous, a wrong token is refused. */
export class Authentication {
  readonly #usersByToken = new Map<string, User>();

  addToken(token: string, user: User): void {
    this.#usersByToken.set(token, user);
  }

  /** As when a token expires or is rotated. */
  removeToken(token: string): void {
    this.#usersByToken.delete(token);
  }

  userOfToken(token: string): User | undefined {
    const user = this.#usersByToken.get(token);
    return user === undefined ? undefined : withStandardGroup(user);
  }

  userOf(request: HttpRequest): User {
    const authorization = request.headers.authorization;
    if (authorization !== undefined) {
      // Basic is not a scheme of this server: it is answered like an unknown token.
      const user = this.userOfToken(/^Bearer (.+)$/i.exec(authorization)?.[1] ?? "");
      if (user === undefined) throw unauthorized();
      return user;
    }
    const certificate = request.clientCertificate;
    if (certificate === undefined) return anonymous;
    return withStandardGroup({ name: certificate.commonName, groups: certificate.organizations });
  }
}

function withStandardGroup(user: User): User {
  return { ...user, groups: [...user.groups, "system:authenticated"] };
}

/** A bearer token in the shape of OpenShift's. */
export function newToken(): string {
  return `sha256~${randomBytes(24).toString("base64url")}`;
}
