import { type HttpAnswer, type HttpRequest, jsonAnswer, textAnswer } from "../../http/exchange.js";
import type { Authentication } from "../access/authentication.js";
import type { AccessRules } from "../access/rules.js";
import type { ServedResource, User } from "../model/resource.js";
import { detailsOf, forbidden, noSuchResource, StatusError } from "../model/status.js";
import { coreVersions, groupList, groupOf, resourceList, serverVersion } from "./discovery.js";
import { executeVerb } from "./executeVerb.js";
import { type ApiPath, parseApiPath, verbOf } from "./path.js";

export interface ApiServerParts {
  /** All that is served at the moment. */
  readonly resources: () => readonly ServedResource[];
  readonly authentication: Authentication;
  readonly access: AccessRules;
  /** Groups that the cluster does not serve at all. */
  readonly missingGroups: ReadonlySet<string>;
  /** Groups whose backend is gone. */
  readonly unavailableGroups: () => ReadonlySet<string>;
}

/** Answers one request as the API server does: authentication, discovery or authorization and the verb. */
export async function answerApiRequest(parts: ApiServerParts, request: HttpRequest): Promise<HttpAnswer> {
  try {
    const user = effectiveUser(parts, request);
    const path = parseApiPath(request.path);
    if (path === undefined) return answerOther(parts, request, user);
    return await answerResource(parts, request, user, path);
  } catch (error) {
    if (error instanceof StatusError) return error.toAnswer();
    throw error;
  }
}

async function answerResource(
  parts: ApiServerParts,
  request: HttpRequest,
  user: User,
  path: ApiPath,
): Promise<HttpAnswer> {
  authorize(parts, request, user, path);
  if (isMissingGroup(parts, path)) return textAnswer(404, "404 page not found\n");
  if (parts.unavailableGroups().has(path.group)) return textAnswer(503, "service unavailable\n");
  const resource = served(parts).find(
    ({ group, version, resource: name }) =>
      group === path.group && version === path.version && name === path.resource,
  );
  if (resource === undefined) throw noSuchResource();
  const verbs = path.subresource === undefined ? resource.verbs : resource.subresources?.[path.subresource];
  if (verbs === undefined) throw noSuchResource();
  return executeVerb(resource, verbs, path, request, user);
}

function authorize(parts: ApiServerParts, request: HttpRequest, user: User, path: ApiPath): void {
  const verb = verbOf(request, path);
  const resource = path.subresource === undefined ? path.resource : `${path.resource}/${path.subresource}`;
  const namespace = path.resource === "namespaces" && path.group === "" ? path.name : path.namespace;
  const { group, name } = path;
  if (parts.access.allows(user, { verb, group, resource, namespace, name })) return;
  const where =
    path.namespace === undefined ? "at the cluster scope" : `in the namespace "${path.namespace}"`;
  const message = `User "${user.name}" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`;
  throw forbidden({ group, resource: path.resource }, verb === "create" ? undefined : name, message);
}

function answerOther(parts: ApiServerParts, request: HttpRequest, user: User): HttpAnswer {
  const path = request.path.replace(/\/$/, "");
  if (path === "/version") return jsonAnswer(200, serverVersion);
  if (["/healthz", "/readyz", "/livez"].includes(path)) return textAnswer(200, "ok");
  if (!user.groups.includes("system:authenticated")) {
    const message = `forbidden: User "${user.name}" cannot get path "${path}"`;
    throw new StatusError(403, "Forbidden", message, detailsOf({ group: "", resource: "" }));
  }
  const resources = served(parts);
  const [root, group, version] = path.slice(1).split("/");
  if (path === "/api") return jsonAnswer(200, coreVersions(new URL(request.origin).host));
  if (path === "/api/v1") return jsonAnswer(200, resourceList("", "v1", resources));
  if (path === "/apis") return jsonAnswer(200, groupList(resources, parts.unavailableGroups()));
  if (root !== "apis" || group === undefined) return textAnswer(404, "404 page not found\n");
  if (parts.unavailableGroups().has(group)) return textAnswer(503, "service unavailable\n");
  const isServed = resources.some(
    (resource) => resource.group === group && (version ?? resource.version) === resource.version,
  );
  if (!isServed) return textAnswer(404, "404 page not found\n");
  return jsonAnswer(
    200,
    version === undefined ? groupOf(group, resources) : resourceList(group, version, resources),
  );
}

function effectiveUser(parts: ApiServerParts, request: HttpRequest): User {
  const user = parts.authentication.userOf(request);
  const impersonated = request.headers["impersonate-user"];
  if (typeof impersonated !== "string") return user;
  if (!parts.access.allows(user, { verb: "impersonate", group: "", resource: "users", name: impersonated })) {
    const message = `User "${user.name}" cannot impersonate resource "users" in API group "" at the cluster scope`;
    throw forbidden({ group: "", resource: "users" }, impersonated, message);
  }
  // node:http joins a repeated header with commas.
  const groups = [request.headers["impersonate-group"] ?? []].flat().flatMap((value) => value.split(", "));
  return { name: impersonated, groups: [...groups, "system:authenticated"] };
}

function isMissingGroup(parts: ApiServerParts, path: ApiPath): boolean {
  const isServed = served(parts).some(
    ({ group, version }) => group === path.group && version === path.version,
  );
  return !isServed && !parts.unavailableGroups().has(path.group);
}

function served(parts: ApiServerParts): readonly ServedResource[] {
  return parts.resources().filter(({ group }) => !parts.missingGroups.has(group));
}
