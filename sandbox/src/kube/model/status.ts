import { type HttpAnswer, jsonAnswer } from "../../http/exchange.js";
import { defined, type GroupResource, qualifiedName } from "./object.js";

export interface StatusCause {
  readonly reason?: string;
  readonly message: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

export interface Status {
  readonly kind?: "Status";
  readonly apiVersion?: "v1";
  readonly metadata: { readonly continue?: string };
  readonly status: "Success" | "Failure";
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

/** A request that the API server answers with a Status. */
export class StatusError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;
  readonly continueToken: string | undefined;

  constructor(
    code: number,
    reason: string,
    message: string,
    details?: StatusDetails,
    continueToken?: string,
  ) {
    super(message);
    this.reason = reason;
    this.details = details;
    this.continueToken = continueToken;
    this.code = code;
  }

  toStatus(): Status {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: this.continueToken === undefined ? {} : { continue: this.continueToken },
      status: "Failure",
      message: this.message,
      reason: this.reason,
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    };
  }

  toAnswer(): HttpAnswer {
    return jsonAnswer(this.code, this.toStatus());
  }
}

export function detailsOf(target: GroupResource, name?: string): StatusDetails {
  return defined({
    name,
    group: target.group === "" ? undefined : target.group,
    kind: target.resource,
  }) as StatusDetails;
}

export const badRequest = (message: string): StatusError => new StatusError(400, "BadRequest", message);

export const unauthorized = (): StatusError => new StatusError(401, "Unauthorized", "Unauthorized");

export const notFound = (target: GroupResource, name: string): StatusError =>
  new StatusError(404, "NotFound", `${qualifiedName(target)} "${name}" not found`, detailsOf(target, name));

export const noSuchResource = (): StatusError =>
  new StatusError(404, "NotFound", "the server could not find the requested resource", {});

export const methodNotAllowed = (): StatusError =>
  new StatusError(
    405,
    "MethodNotAllowed",
    "the server does not allow this method on the requested resource",
    {},
  );

export const alreadyExists = (target: GroupResource, name: string): StatusError =>
  new StatusError(
    409,
    "AlreadyExists",
    `${qualifiedName(target)} "${name}" already exists`,
    detailsOf(target, name),
  );

export function conflict(target: GroupResource, name: string, message: string): StatusError {
  const text = `Operation cannot be fulfilled on ${qualifiedName(target)} "${name}": ${message}`;
  return new StatusError(409, "Conflict", text, detailsOf(target, name));
}

export const modified = (target: GroupResource, name: string): StatusError =>
  conflict(
    target,
    name,
    "the object has been modified; please apply your changes to the latest version and try again",
  );

export function forbidden(
  target: GroupResource,
  name: string | undefined,
  message: string,
  causes?: readonly StatusCause[],
): StatusError {
  const subject = name === undefined ? qualifiedName(target) : `${qualifiedName(target)} "${name}"`;
  return new StatusError(403, "Forbidden", `${subject} is forbidden: ${message}`, {
    ...detailsOf(target, name),
    ...(causes === undefined ? {} : { causes }),
  });
}

export interface FieldError {
  readonly reason:
    | "FieldValueInvalid"
    | "FieldValueForbidden"
    | "FieldValueRequired"
    | "FieldValueNotFound"
    | "InternalError"
    | "FieldValueNotSupported";
  readonly field: string;
  readonly message: string;
}

/** 422; `target.resource` is the kind here, not the resource, as the API server has it. */
export function invalid(target: GroupResource, name: string, errors: readonly FieldError[]): StatusError {
  const text = fieldErrorText(errors);
  return new StatusError(422, "Invalid", `${qualifiedName(target)} "${name}" is invalid: ${text}`, {
    ...detailsOf(target, name),
    causes: errors.map(({ reason, message, field }) => ({ reason, message, field })),
  });
}

export function fieldInvalid(field: string, value: unknown, message: string): FieldError {
  return {
    reason: "FieldValueInvalid",
    field,
    message: `Invalid value: ${JSON.stringify(value)}: ${message}`,
  };
}

export function fieldRequired(field: string, message: string): FieldError {
  return {
    reason: "FieldValueRequired",
    field,
    message: `Required value${message === "" ? "" : `: ${message}`}`,
  };
}

export function fieldForbidden(field: string, message: string): FieldError {
  return { reason: "FieldValueForbidden", field, message: `Forbidden: ${message}` };
}

export function fieldNotFound(field: string, value: unknown): FieldError {
  return { reason: "FieldValueNotFound", field, message: `Not found: ${JSON.stringify(value)}` };
}

/** What validation itself could not do; the API server names no field for it. */
export function internalFieldError(message: string): FieldError {
  return { reason: "InternalError", field: "[]", message: `Internal error: ${message}` };
}

/** Several complaints in one text, as Go's aggregated errors read. */
export function fieldErrorText(errors: readonly FieldError[]): string {
  const texts = errors.map((error) => `${error.field}: ${error.message}`);
  return texts.length === 1 ? texts.join("") : `[${texts.join(", ")}]`;
}

export function successStatus(details?: StatusDetails): Status {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    ...(details === undefined ? {} : { details }),
  };
}
