import type { HttpRequest } from "../http/exchange.js";
import type { ApiPath } from "./apiPath.js";

export type Verb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete" | "deletecollection";

/** The verb that RBAC knows a request by. */
export function verbOf(request: HttpRequest, path: ApiPath): Verb {
  switch (request.method) {
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return path.name === undefined ? "deletecollection" : "delete";
    default: {
      if (path.name !== undefined) return "get";
      return ["true", "1"].includes(request.query.get("watch") ?? "") ? "watch" : "list";
    }
  }
}
