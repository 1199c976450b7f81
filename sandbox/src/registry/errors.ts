import { type HttpAnswer, jsonAnswer } from "../http/exchange.js";

const statuses = {
  UNAUTHORIZED: [401, "authentication required"],
  DENIED: [403, "requested access to the resource is denied"],
  NAME_UNKNOWN: [404, "repository name not known to registry"],
  MANIFEST_UNKNOWN: [404, "manifest unknown"],
  BLOB_UNKNOWN: [404, "blob unknown to registry"],
  BLOB_UPLOAD_UNKNOWN: [404, "blob upload unknown to registry"],
  DIGEST_INVALID: [400, "provided digest did not match uploaded content"],
  MANIFEST_INVALID: [400, "manifest invalid"],
  MANIFEST_BLOB_UNKNOWN: [404, "blob unknown to registry"],
  UNKNOWN: [500, "unknown error"],
  UNSUPPORTED: [405, "The operation is unsupported."],
} as const;

export type RegistryErrorCode = keyof typeof statuses;

/** An error as the distribution specification words it. */
export function registryError(
  code: RegistryErrorCode,
  detail: unknown = null,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  const [status, message] = statuses[code];
  return jsonAnswer(status, { errors: [{ code, message, detail }] }, headers);
}

/** The same without the key `detail`. */
export function bareRegistryError(code: RegistryErrorCode): HttpAnswer {
  const [status, message] = statuses[code];
  return jsonAnswer(status, { errors: [{ code, message }] });
}
