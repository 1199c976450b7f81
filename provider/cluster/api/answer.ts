import type { HttpAnswer } from "../../http/send.js";
import type { ApiResource } from "../../okd/objects.js";
import { ImageError } from "../../support/imageError.js";
import { toApiError } from "./error.js";

/**
 * The JSON of an answer.
 * @throws ImageError: `ApiError` for every status but 2xx; API_ERROR for what is no JSON
 */
export function parseAnswer(
  { status, headers, text }: HttpAnswer,
  server: string,
  attempted: string,
): unknown {
  if (status < 200 || status >= 300) {
    const retryAfter = headers["retry-after"];
    throw toApiError(
      {
        httpStatus: status,
        contentType: String(headers["content-type"] ?? ""),
        text,
        ...(typeof retryAfter === "string" ? { retryAfter } : {}),
      },
      status < 400 ? `${attempted} (redirected; is ${server} the address of the API server?)` : attempted,
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const problem = `Cannot ${attempted}: ${server} answered something that is not JSON; is it the address of the API server and not of the console?`;
    throw new ImageError("API_ERROR", problem, { cause });
  }
}

/** Path of a collection: `/apis/apps/v1/namespaces/shop/deployments`. */
export function resourcePath({ group, version, resource }: ApiResource, namespace?: string): string {
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${scope}/${resource}`;
}
