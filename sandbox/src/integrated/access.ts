import { type HttpAnswer, type HttpRequest, jsonAnswer } from "../http/exchange.js";
import { imageGroup } from "../images/stream/types.js";
import { anonymous, type Authentication } from "../kube/access/authentication.js";
import type { AccessRequest, AccessRules } from "../kube/access/rules.js";
import type { User } from "../kube/model/resource.js";
import { registryError } from "../registry/errors.js";

/** The action of a request. */
export type RegistryAction =
  | { readonly kind: "login" }
  | {
      readonly kind: "repository";
      readonly repository: string;
      readonly action: "pull" | "push" | "delete";
    }
  | { readonly kind: "admin" };

const anonymousToken = "anonymous";

/** Users are the cluster's, and its RBAC says what they may do (facts/registries.md 9). */
export class IntegratedAccess {
  readonly #authentication: Authentication;
  readonly #access: AccessRules;

  constructor(authentication: Authentication, access: AccessRules) {
    this.#authentication = authentication;
    this.#access = access;
  }

  /** The refusal of a request, or undefined when it is allowed. */
  refusal(request: HttpRequest, action: RegistryAction): HttpAnswer | undefined {
    const token = tokenOf(request);
    if (token === undefined) {
      const realm = `${request.origin}/openshift/token`;
      return unauthorized(action, `Bearer realm="${realm}"`);
    }
    const user = this.#userOf(token);
    const isAllowed =
      user !== undefined && wantedAccess(action).every((wanted) => this.#access.allows(user, wanted));
    return isAllowed ? undefined : unauthorized(action, 'Basic realm=openshift,error="access denied"');
  }

  /** `/openshift/token`: the password again, if it is a token; an anonymous user gets an anonymous one. */
  issueToken(request: HttpRequest): HttpAnswer {
    const token = tokenOf(request) ?? anonymousToken;
    if (this.#userOf(token) === undefined) {
      return unauthorized({ kind: "login" }, 'Basic realm=openshift,error="access denied"');
    }
    return jsonAnswer(200, { access_token: token, token });
  }

  #userOf(token: string): User | undefined {
    return token === anonymousToken ? anonymous : this.#authentication.userOfToken(token);
  }
}

/** Of a Bearer header, or the password of a Basic one; any user name will do. */
function tokenOf({ headers }: HttpRequest): string | undefined {
  const [, scheme = "", value = ""] = /^(Bearer|Basic) (.+)$/i.exec(headers.authorization ?? "") ?? [];
  if (value === "") return undefined;
  if (scheme.toLowerCase() === "bearer") return value;
  const pair = Buffer.from(value, "base64").toString("utf8");
  return pair.slice(pair.indexOf(":") + 1);
}

function wantedAccess(action: RegistryAction): readonly AccessRequest[] {
  switch (action.kind) {
    case "login":
      return [];
    case "admin":
      return [{ verb: "delete", group: imageGroup, resource: "images" }];
    case "repository": {
      if (action.action === "delete") return [{ verb: "delete", group: imageGroup, resource: "images" }];
      const [namespace, name] = action.repository.split("/");
      const verb = action.action === "pull" ? "get" : "update";
      return [{ verb, group: imageGroup, resource: "imagestreams/layers", namespace, name }];
    }
  }
}

function unauthorized(action: RegistryAction, challenge: string): HttpAnswer {
  return registryError("UNAUTHORIZED", detailOf(action), { "www-authenticate": challenge });
}

function detailOf(action: RegistryAction): unknown {
  switch (action.kind) {
    case "login":
      return null;
    case "admin":
      return [{ Type: "admin", Class: "", Name: "", Action: "prune" }];
    case "repository":
      return [{ Type: "repository", Class: "", Name: action.repository, Action: action.action }];
  }
}
