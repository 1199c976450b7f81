import { type HttpAnswer, jsonAnswer } from "../http/exchange.js";
import { without } from "../kube/model/object.js";
import { badRequest, StatusError } from "../kube/model/status.js";

export interface DeadlineOptions {
  /** Without `timeout` in the query. */
  readonly defaultSeconds: number;
  /** Whatever `timeout` says. */
  readonly maximumSeconds: number;
}

export interface Deadline {
  readonly seconds: number;
  /** The client's answer when the time is up. */
  readonly error: StatusError;
}

export function importDeadline(timeout: string | null, options: DeadlineOptions): Deadline {
  if (timeout === null || timeout === "") {
    const message = "Timeout: request did not complete within requested timeout - context deadline exceeded";
    return { seconds: options.defaultSeconds, error: new StatusError(504, "Timeout", message, {}) };
  }
  return { seconds: Math.min(parseDuration(timeout), options.maximumSeconds), error: new RequestedTimeout() };
}

/** The filter that enforces a requested timeout writes its Status itself, without its type and as text. */
class RequestedTimeout extends StatusError {
  constructor() {
    super(504, "Timeout", "Timeout: request did not complete within the allotted timeout", {});
  }

  override toAnswer(): HttpAnswer {
    return jsonAnswer(504, without(this.toStatus(), "kind", "apiVersion"), {
      "content-type": "text/plain; charset=utf-8",
    });
  }
}

const unitSeconds: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/** A Go duration such as `1m30s`, in seconds. */
function parseDuration(text: string): number {
  const parts = [...text.matchAll(/([\d.]{1,20})(ms|h|m|s)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join("") !== text) {
    throw badRequest(
      `invalid timeout specified in the request URL - time: invalid duration ${JSON.stringify(text)}`,
    );
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitSeconds[unit ?? "s"] ?? 1), 0);
}
