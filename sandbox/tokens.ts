import { randomBytes } from "node:crypto";

/** A bearer token in the shape of OpenShift's. */
export function newToken(): string {
  return `sha256~${randomBytes(24).toString("base64url")}`;
}
