import { imageGroup } from "../images/stream/types.js";
import type { StatusDetails } from "../kube/model/status.js";

/** The `status` of one image or repository of an import. */
export interface RowStatus {
  readonly metadata: object;
  readonly status: "Success" | "Failure";
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

export const rowSuccess: RowStatus = { metadata: {}, status: "Success" };

/** A registry that could not be read; `toRow` words it for the reference that was asked for. */
export class RegistryFailure extends Error {
  readonly kind: "notFound" | "unauthorized" | "other";

  constructor(kind: "notFound" | "unauthorized" | "other", message: string) {
    super(message);
    this.kind = kind;
  }

  toRow(reference: string): RowStatus {
    if (this.kind === "notFound") return notFoundRow(reference);
    if (this.kind === "unauthorized") return unauthorizedRow(reference);
    return internalErrorRow(`${reference}: ${this.message}`);
  }
}

function notFoundRow(name: string): RowStatus {
  return {
    ...failure(`dockerimage.${imageGroup} "${name}" not found`, "NotFound"),
    details: { name, group: imageGroup, kind: "dockerimage" },
    code: 404,
  };
}

function unauthorizedRow(name: string): RowStatus {
  return {
    ...failure(`you may not have access to the container image "${name}"`, "Unauthorized"),
    code: 401,
  };
}

export function internalErrorRow(message: string): RowStatus {
  return {
    ...failure(`Internal error occurred: ${message}`, "InternalError"),
    details: { causes: [{ message }] },
    code: 500,
  };
}

export function failure(message: string, reason: string): RowStatus {
  return { metadata: {}, status: "Failure", message, reason };
}
