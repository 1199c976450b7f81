import { refusedSource, RefusedSourceError } from "../../okd/refusedSource.js";
import type { StreamKey } from "../../okd/streamName.js";
import { excerpt } from "../../support/text/excerpt.js";
import { type ApiError, explainedApiError, isApiError } from "../api/error.js";

/**
 * A 404 that proves that the stream or tag is absent: a Status of the image API about an object. A namespace that is
 * missing on a write, a group that is not served, and a router's page are something else.
 */
export function isObjectAbsent(error: unknown): error is ApiError {
  if (!isApiError(error) || error.httpStatus !== 404 || !error.isStatus) return false;
  const { details } = error.status;
  return (
    error.status.reason === "NotFound" &&
    details?.group === "image.openshift.io" &&
    details.name !== undefined
  );
}

/**
 * The failure of a request about an image stream, explained as far as the server's answer allows:
 * NAMESPACE_NOT_FOUND, IMPORT_REGISTRY_NOT_ALLOWED, and API_FORBIDDEN with the role to grant. Others come back unchanged.
 * `attempted` completes "Cannot ...".
 */
export function explainStreamFailure(error: unknown, key: StreamKey, attempted: string): unknown {
  if (!isApiError(error)) return error;
  switch (error.httpStatus) {
    case 403:
      return explainForbidden(error, key, attempted);
    case 404:
      return explainNotFound(error, key, attempted);
    case 422:
      return explainInvalid(error, attempted);
    case 504:
      return explainedApiError(
        error,
        "API_TIMEOUT",
        `Cannot ${attempted}: the server did not complete it in time (HTTP 504); it may have been done all the same`,
      );
    default:
      return error;
  }
}

function explainNotFound(error: ApiError, { namespace }: StreamKey, attempted: string): ApiError {
  const { details } = error.status;
  if (details?.kind === "namespaces") {
    const text = `Cannot ${attempted}: there is no namespace ${details.name ?? namespace}`;
    return explainedApiError(error, "NAMESPACE_NOT_FOUND", text);
  }
  if (!isObjectAbsent(error)) {
    const text = `Cannot ${attempted}: the server knows no image.openshift.io/v1; is it an OKD or OpenShift cluster? (HTTP 404)`;
    return explainedApiError(error, "API_ERROR", text);
  }
  return error;
}

function explainInvalid(error: ApiError, attempted: string): unknown {
  const message = excerpt(error.status.message ?? "", 4000);
  const source = refusedSource(message);
  if (source !== undefined && !message.includes("whitelist"))
    return new RefusedSourceError(source, `Cannot ${attempted}: ${excerpt(message)}`, { cause: error });
  const refused = refusedRegistry(message);
  if (refused === undefined) return error;
  const allowed = refused.allowed.length === 0 ? "none" : refused.allowed.join(", ");
  const text =
    `Cannot ${attempted}: registry "${refused.registry}" is not in allowedRegistriesForImport of this cluster ` +
    `(allowed: ${allowed}). An address without a port is checked as port 443, with insecure as port 80`;
  return explainedApiError(error, "IMPORT_REGISTRY_NOT_ALLOWED", text);
}

/** From `registry "ghcr.io:443" not allowed by whitelist: "quay.io:443", "*.svc:5000"` (recorded in conformance/okd-api). */
function refusedRegistry(
  message: string,
): { readonly registry: string; readonly allowed: readonly string[] } | undefined {
  const match = /registry "([^"]{1,300})" not allowed by whitelist: ([^\n]*)/.exec(message);
  if (match === null) return undefined;
  const [, registry = "", list = ""] = match;
  return { registry, allowed: [...list.matchAll(/"([^"]*)"/g)].map(([, entry = ""]) => entry) };
}

function explainForbidden(error: ApiError, { namespace }: StreamKey, attempted: string): unknown {
  const message = excerpt(error.status.message ?? "", 4000);
  if (error.status.details?.causes?.some(({ reason }) => reason === "NamespaceTerminating") === true) {
    const text = `Cannot ${attempted}: namespace ${namespace} is being deleted`;
    return explainedApiError(error, "API_FORBIDDEN", text);
  }
  const registry = refusedRegistry(message);
  if (registry !== undefined) return explainInvalid(error, attempted);
  const denied = /User "([^"]{1,300})" cannot (\w+) resource "([^"]{1,100})"/.exec(message);
  if (denied === null) return error;
  const [, user = "", verb = "", resource = ""] = denied;
  if (user === "system:anonymous") {
    const text = `Cannot ${attempted}: the request went out without credentials, so nobody was logged in; set a token or kubeconfig`;
    return explainedApiError(error, "API_FORBIDDEN", text);
  }
  const role = verb === "get" || verb === "list" ? "view" : "edit";
  const text =
    `Cannot ${attempted}: ${user} may not ${verb} ${resource} in namespace ${namespace}. ` +
    `Role ${role} has that right: oc policy add-role-to-user ${role} ${user} -n ${namespace}`;
  return explainedApiError(error, "API_FORBIDDEN", text);
}
