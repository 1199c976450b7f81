import type { PullSecrets } from "../../imports/pullSecrets.js";
import { type Secret, type SecretKey, secretName } from "../../okd/secret.js";
import { shellQuoted } from "../../support/text/spelling.js";
import { excerpt } from "../../support/text/excerpt.js";
import type { ApiRequest, ClusterClient } from "../api/client.js";
import { type ApiError, explainedApiError, isApiError } from "../api/error.js";

/** Single secrets of a live cluster, as the connection's user may reach them. */
export function clusterPullSecrets(client: ClusterClient): PullSecrets {
  return {
    async getSecret(key, { signal }) {
      const attempted = `read secret ${secretName(key)}`;
      try {
        return await send<Secret>(client, key, { method: "GET", path: secretPath(key), signal, attempted });
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    },
    createSecret: (secret, options) => {
      const path = secretsPath(secret.metadata.namespace);
      return write(client, secret, { method: "POST", path, verb: "create" }, options);
    },
    replaceSecret: (secret, options) => {
      const path = secretPath(secret.metadata);
      return write(client, secret, { method: "PUT", path, verb: "update" }, options);
    },
    async deleteSecret(key, preconditions, { signal }) {
      const attempted = `delete secret ${secretName(key)}`;
      const body = { apiVersion: "v1", kind: "DeleteOptions", preconditions };
      try {
        await send(client, key, { method: "DELETE", path: secretPath(key), body, signal, attempted });
        return "deleted";
      } catch (error) {
        if (isAbsent(error)) return "absent";
        throw error;
      }
    },
  };
}

async function write(
  client: ClusterClient,
  secret: Secret,
  { verb, ...request }: { readonly method: "POST" | "PUT"; readonly path: string; readonly verb: string },
  { signal, dryRun = false }: Parameters<PullSecrets["createSecret"]>[1],
): Promise<Secret> {
  return await send<Secret>(client, secret.metadata, {
    ...request,
    query: dryRun ? { dryRun: "All" } : {},
    body: { apiVersion: "v1", kind: "Secret", ...secret },
    signal,
    attempted: `${verb} secret ${secretName(secret.metadata)}`,
  });
}

async function send<Answer>(client: ClusterClient, key: SecretKey, request: ApiRequest): Promise<Answer> {
  try {
    return await client.request<Answer>(request);
  } catch (error) {
    throw isApiError(error) ? explained(error, key, request.attempted) : error;
  }
}

function isAbsent(error: unknown): boolean {
  return (
    isApiError(error) &&
    error.httpStatus === 404 &&
    error.isStatus &&
    error.status.details?.kind === "secrets" &&
    error.code === "API_NOT_FOUND"
  );
}

function explained(error: ApiError, { namespace, name }: SecretKey, attempted: string): ApiError {
  if (error.httpStatus === 404 && error.status.details?.kind === "namespaces") {
    const text = `Cannot ${attempted}: there is no namespace ${namespace}`;
    return explainedApiError(error, "NAMESPACE_NOT_FOUND", text);
  }
  if (error.httpStatus !== 403) return error;
  const message = excerpt(error.status.message ?? "", 4000);
  const denied = /User "([^"]{1,300})" cannot (\w+) resource "secrets"/.exec(message);
  if (denied === null) return error;
  const [, user = "", verb = ""] = denied;
  const missing = `Cannot ${attempted}: ${user} may not ${verb} secrets in namespace ${namespace}`;
  const advice = verb === "get" ? readAdvice(user, { namespace, name }) : editAdvice(user, namespace);
  return explainedApiError(error, "API_FORBIDDEN", `${missing}. ${advice}`);
}

function editAdvice(user: string, namespace: string): string {
  return `Role edit has that right: oc policy add-role-to-user edit ${shellQuoted(user)} -n ${namespace}`;
}

/** Of one secret alone, because the role would open all of them. */
function readAdvice(user: string, { namespace, name }: SecretKey): string {
  const role = `read-${name}`;
  return (
    `Role edit has that right for all of them; for this one alone: ` +
    `oc create role ${role} --verb=get --resource=secrets --resource-name=${name} -n ${namespace} && ` +
    `oc create rolebinding ${role} --role=${role} --user=${shellQuoted(user)} -n ${namespace}`
  );
}

function secretsPath(namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`;
}

function secretPath({ namespace, name }: SecretKey): string {
  return `${secretsPath(namespace)}/${encodeURIComponent(name)}`;
}
