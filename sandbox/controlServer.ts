import { jsonAnswer, type HttpAnswer, type HttpRequest } from "./http/exchange.js";
import type { Fault, FaultRules } from "./http/faults.js";
import type { RequestLog } from "./http/requestLog.js";

export interface ControlParts {
  readonly faults: FaultRules;
  readonly requests: RequestLog;
  readonly expireContinueTokens: () => void;
}

/** Faults and the request log for other processes: JSON under `/sandbox/`, without authentication, on loopback only. */
export function answerControlRequest(parts: ControlParts, request: HttpRequest): HttpAnswer {
  const [root, collection, id] = request.path.split("/").slice(1);
  if (root !== "sandbox") return jsonAnswer(404, { error: "the control address serves /sandbox/ only" });
  switch (`${request.method} ${collection ?? ""}`) {
    case "GET faults":
      return jsonAnswer(200, parts.faults.list());
    case "POST faults":
      return addFaults(parts.faults, request.body);
    case "DELETE faults":
      if (id === undefined || id === "") parts.faults.clear();
      else if (!parts.faults.remove(Number(id))) return jsonAnswer(404, { error: `there is no fault ${id}` });
      return { status: 204 };
    case "GET requests":
      return jsonAnswer(200, parts.requests.matching(requestFilter(request.query)));
    case "DELETE requests":
      parts.requests.clear();
      return { status: 204 };
    case "POST expire-continue-tokens":
      parts.expireContinueTokens();
      return { status: 204 };
    default:
      return jsonAnswer(404, { error: `${request.method} ${request.path} is not served` });
  }
}

/** One fault or a list of them; answers their ids. */
function addFaults(faults: FaultRules, body: Buffer): HttpAnswer {
  let given: unknown;
  try {
    given = JSON.parse(body.toString("utf8"));
  } catch (error) {
    return jsonAnswer(400, { error: (error as Error).message });
  }
  const list = [given].flat() as readonly Partial<Fault>[];
  const isComplete = list.every((fault) => typeof fault.effect?.kind === "string");
  if (!isComplete) return jsonAnswer(400, { error: "every fault needs an effect with a kind" });
  return jsonAnswer(201, { ids: list.map((fault) => faults.add(fault as Fault)) });
}

function requestFilter(query: URLSearchParams): Parameters<RequestLog["matching"]>[0] {
  const server = query.get("server");
  const method = query.get("method");
  const path = query.get("path");
  return {
    ...(server === null ? {} : { server }),
    ...(method === null ? {} : { method }),
    ...(path === null ? {} : { path: new RegExp(path) }),
  };
}
