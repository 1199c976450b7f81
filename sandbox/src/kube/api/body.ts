import type { HttpRequest } from "../../http/exchange.js";
import { isJsonObject } from "../model/object.js";
import type { DeleteOptions } from "../model/resource.js";
import { badRequest, invalid } from "../model/status.js";

/**
 * With a body the query does not count, as on the real server: a dry run by query with preconditions in the body deletes
 * (facts/api-server.md 11).
 */
export function deleteOptionsOf({ body, query }: HttpRequest): DeleteOptions {
  const options = body.length === 0 ? queryOptions(query) : bodyOptions(body);
  const unsupported = options.dryRun.filter((value) => value !== "All");
  if (unsupported.length === 0) return options;
  const errors = unsupported.map((value) => ({
    reason: "FieldValueNotSupported" as const,
    field: "dryRun",
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: "All"`,
  }));
  throw invalid({ group: "meta.k8s.io", resource: "DeleteOptions" }, "", errors);
}

function queryOptions(query: URLSearchParams): DeleteOptions {
  const propagationPolicy = query.get("propagationPolicy");
  return { dryRun: query.getAll("dryRun"), ...(propagationPolicy === null ? {} : { propagationPolicy }) };
}

function bodyOptions(body: Buffer): DeleteOptions {
  const options = parseJson(body);
  if (!isJsonObject(options))
    throw badRequest("the object provided is unrecognized (must be of type object)");
  return { dryRun: [], ...options };
}

export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8")) as unknown;
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${(error as Error).message}`);
  }
}
