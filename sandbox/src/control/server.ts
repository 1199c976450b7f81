import type { ObjectName } from "../cluster/edits.js";
import { type HttpAnswer, type HttpRequest, jsonAnswer } from "../http/exchange.js";
import type { KubeObject } from "../kube/model/object.js";
import type { Fault } from "../server/faultSettings.js";
import type { FaultRules } from "../server/faults.js";
import type { RequestLog } from "../server/requestLog.js";
import { requireSettings } from "../settings/require.js";
import { changeSettings, objectSettings, requestFilterSettings } from "./changeSettings.js";
import { applyChange, type ChangeParts, type ClusterChange } from "./changes.js";
import type { Reaction, Reactions } from "./reactions.js";

export interface ControlParts {
  readonly servers: readonly string[];
  readonly faults: FaultRules;
  readonly requests: RequestLog;
  readonly changes: ChangeParts;
  readonly reactions: Reactions;
  readonly expireContinueTokens: () => void;
}

type Control = (parts: ControlParts, request: HttpRequest, id: string | undefined) => HttpAnswer;

const controls: Readonly<Record<string, Control>> = {
  "GET faults": ({ faults }) => jsonAnswer(200, faults.list()),
  "POST faults": ({ faults }, request) => added(faults, request),
  "DELETE faults": ({ faults }, _, id) => removed(faults, id),
  "GET reactions": ({ reactions }) => jsonAnswer(200, reactions.list()),
  "POST reactions": ({ reactions }, request) => added(reactions, request),
  "DELETE reactions": ({ reactions }, _, id) => removed(reactions, id),
  "GET requests": ({ requests, servers }, request) =>
    jsonAnswer(200, requests.matching(requestFilter(request.query, servers))),
  "DELETE requests": ({ requests }) => done(() => requests.clear()),
  "PUT objects": ({ changes }, request) =>
    jsonAnswer(200, { items: objectsOf(request).map((object) => changes.edits.put(object)) }),
  "DELETE objects": ({ changes }, request) =>
    done(() => {
      for (const name of objectsOf(request)) changes.edits.remove(name as ObjectName);
    }),
  "POST changes": ({ changes }, request) => {
    const list = listOf(request);
    for (const change of list) requireSettings("a change", changeSettings, change);
    return jsonAnswer(200, {
      results: list.map((change) => applyChange(changes, change as ClusterChange)),
    });
  },
  "POST expire-continue-tokens": ({ expireContinueTokens }) => done(expireContinueTokens),
};

/** Method and collection of every request that is served. */
export const controlRequests = Object.keys(controls);

/** Everything that a test does in process, for other processes: JSON under `/sandbox/`, without authentication. */
export function answerControlRequest(parts: ControlParts, request: HttpRequest): HttpAnswer {
  const [root, collection, id] = request.path.split("/").slice(1);
  if (root !== "sandbox") return jsonAnswer(404, { error: "the control address serves /sandbox/ only" });
  const control = controls[`${request.method} ${collection ?? ""}`];
  if (control === undefined)
    return jsonAnswer(404, { error: `${request.method} ${request.path} is not served` });
  try {
    return control(parts, request, id);
  } catch (error) {
    return jsonAnswer(400, { error: (error as Error).message });
  }
}

function done(effect: () => void): HttpAnswer {
  effect();
  return { status: 204 };
}

/** One thing or a list of them. */
function listOf({ body }: HttpRequest): readonly unknown[] {
  return [JSON.parse(body.toString("utf8")) as unknown].flat();
}

/** Objects, lists of them, and Kubernetes' own List. */
function objectsOf(request: HttpRequest): readonly KubeObject[] {
  const list = listOf(request);
  for (const object of list) requireSettings("an object", objectSettings(object), object);
  return (list as readonly KubeObject[]).flatMap((object) =>
    object.kind === "List" ? (object["items"] as readonly KubeObject[]) : [object],
  );
}

/** Adds all of them and answers their ids; adds none if one is wrong. */
function added(rules: FaultRules | Reactions, request: HttpRequest): HttpAnswer {
  const list = listOf(request);
  for (const rule of list) rules.check(rule);
  return jsonAnswer(201, { ids: list.map((rule) => rules.add(rule as Fault & Reaction)) });
}

/** One of them, or all. */
function removed(rules: FaultRules | Reactions, id: string | undefined): HttpAnswer {
  if (id === undefined || id === "") rules.clear();
  else if (!rules.remove(Number(id))) return jsonAnswer(404, { error: `there is none with the id ${id}` });
  return { status: 204 };
}

function requestFilter(
  query: URLSearchParams,
  servers: readonly string[],
): Parameters<RequestLog["matching"]>[0] {
  const filter = Object.fromEntries(query) as Readonly<Record<string, string>>;
  requireSettings("the query", requestFilterSettings(servers), filter);
  const { path, ...rest } = filter;
  return { ...rest, ...(path === undefined ? {} : { path: new RegExp(path) }) };
}
