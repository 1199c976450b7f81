import { applyChange, type ChangeParts, type ClusterChange } from "./clusterChanges.js";
import type { ObjectName } from "./clusterEdits.js";
import { jsonAnswer, type HttpAnswer, type HttpRequest } from "./http/exchange.js";
import type { Fault, FaultRules } from "./http/faults.js";
import type { RequestLog } from "./http/requestLog.js";
import type { KubeObject } from "./kube/objects.js";
import type { Reaction, Reactions } from "./reactions.js";

export interface ControlParts {
  readonly faults: FaultRules;
  readonly requests: RequestLog;
  readonly changes: ChangeParts;
  readonly reactions: Reactions;
  readonly expireContinueTokens: () => void;
}

type Control = (parts: ControlParts, request: HttpRequest, id: string | undefined) => HttpAnswer;

const controls: Readonly<Record<string, Control>> = {
  "GET faults": ({ faults }) => jsonAnswer(200, faults.list()),
  "POST faults": ({ faults }, request) => addFaults(faults, request),
  "DELETE faults": ({ faults }, _, id) => removed(faults, id),
  "GET reactions": ({ reactions }) => jsonAnswer(200, reactions.list()),
  "POST reactions": ({ reactions }, request) => addReactions(reactions, request),
  "DELETE reactions": ({ reactions }, _, id) => removed(reactions, id),
  "GET requests": ({ requests }, request) => jsonAnswer(200, requests.matching(requestFilter(request.query))),
  "DELETE requests": ({ requests }) => done(() => requests.clear()),
  "PUT objects": ({ changes }, request) =>
    jsonAnswer(200, { items: objectsOf(request).map((object) => changes.edits.put(object)) }),
  "DELETE objects": ({ changes }, request) =>
    done(() => {
      for (const name of objectsOf(request)) changes.edits.remove(name as ObjectName);
    }),
  "POST changes": ({ changes }, request) => {
    const results = (listOf(request) as readonly ClusterChange[]).map((change) =>
      applyChange(changes, change),
    );
    return jsonAnswer(200, { results });
  },
  "POST expire-continue-tokens": ({ expireContinueTokens }) => done(expireContinueTokens),
};

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
  return (listOf(request) as readonly KubeObject[]).flatMap((object) =>
    object.kind === "List" ? (object["items"] as readonly KubeObject[]) : [object],
  );
}

/** Answers the ids of the faults. */
function addFaults(faults: FaultRules, request: HttpRequest): HttpAnswer {
  const list = listOf(request) as readonly Partial<Fault>[];
  const isComplete = list.every((fault) => typeof fault.effect?.kind === "string");
  if (!isComplete) return jsonAnswer(400, { error: "every fault needs an effect with a kind" });
  return jsonAnswer(201, { ids: list.map((fault) => faults.add(fault as Fault)) });
}

/** Answers the ids of the reactions. */
function addReactions(reactions: Reactions, request: HttpRequest): HttpAnswer {
  const list = listOf(request) as readonly Partial<Reaction>[];
  if (!list.every((reaction) => Array.isArray(reaction.changes)))
    return jsonAnswer(400, { error: "every reaction needs a list of changes" });
  return jsonAnswer(201, { ids: list.map((reaction) => reactions.add(reaction as Reaction)) });
}

/** One of them, or all. */
function removed(rules: FaultRules | Reactions, id: string | undefined): HttpAnswer {
  if (id === undefined || id === "") rules.clear();
  else if (!rules.remove(Number(id))) return jsonAnswer(404, { error: `there is none with the id ${id}` });
  return { status: 204 };
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
