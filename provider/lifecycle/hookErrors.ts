import type { JsonObject } from "./wire.js";

/**
 * What a hook throws. The engine's Node server prints `${error}: ${error.stack}` besides reporting the message
 * (facts/pulumi.md 26), so the stack is left empty: users see one line, and it has been redacted.
 */
export class HookError extends Error {
  constructor(message: string) {
    super(message);
    this.stack = "";
  }

  override toString(): string {
    return this.message;
  }
}

/**
 * An operation that happened in part: the engine saves `properties` and forces an update in the next `up`.
 * They must carry `__provider`, which the engine's server adds to results but not to errors; without it the
 * resource could never be refreshed or deleted again (facts/pulumi.md 27).
 */
export class PartialFailure extends HookError {
  readonly id: string;
  readonly properties: JsonObject;
  readonly reasons: readonly string[];

  constructor(id: string, properties: JsonObject, reasons: readonly string[]) {
    super(reasons.join("\n"));
    this.id = id;
    this.properties = properties;
    this.reasons = reasons;
  }
}
