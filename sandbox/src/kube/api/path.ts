import type { HttpRequest } from "../../http/exchange.js";

/** Where a path of the resource API leads. */
export interface ApiPath {
  readonly group: string;
  readonly version: string;
  readonly namespace: string | undefined;
  readonly resource: string;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** Undefined for paths that are not of the form `/api/v1/...` or `/apis/<group>/<version>/...` with a resource. */
export function parseApiPath(path: string): ApiPath | undefined {
  const [root, ...segments] = path.split("/").slice(1).map(decodeURIComponent);
  if (root === "api") return parseResource("", segments[0] ?? "", segments.slice(1));
  if (root === "apis") return parseResource(segments[0] ?? "", segments[1] ?? "", segments.slice(2));
  return undefined;
}

function parseResource(group: string, version: string, segments: readonly string[]): ApiPath | undefined {
  const [first, second, third] = segments;
  if (first === undefined || first === "") return undefined;
  // `/namespaces/x` and its subresources are the namespace itself; anything else below it is inside of it.
  const isInNamespace =
    first === "namespaces" && third !== undefined && !["status", "finalize"].includes(third);
  const [resource = "", name, subresource] = isInNamespace ? segments.slice(2) : segments;
  const namespace = isInNamespace ? second : undefined;
  return { group, version, namespace, resource, name: name === "" ? undefined : name, subresource };
}

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
