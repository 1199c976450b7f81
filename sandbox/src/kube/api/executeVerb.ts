import { type HttpAnswer, type HttpRequest, jsonAnswer } from "../../http/exchange.js";
import { isJsonObject, type Json, type JsonObject, type KubeObject } from "../model/object.js";
import { applyPatch, patchTypeOf } from "../model/patch.js";
import {
  apiVersionOf,
  type ResourceContext,
  type ResourceKind,
  type ResourceVerbs,
  type User,
  type Written,
} from "../model/resource.js";
import { badRequest, methodNotAllowed, modified, StatusError } from "../model/status.js";
import { deleteOptionsOf, parseJson } from "./body.js";
import { type ApiPath, verbOf } from "./path.js";
import { listAnswer, objectAnswer, renderOf, representationOf } from "./representation.js";

/** Carries out one request on a resource and renders its answer. */
export async function executeVerb(
  kind: ResourceKind,
  verbs: ResourceVerbs,
  path: ApiPath,
  request: HttpRequest,
  user: User,
): Promise<HttpAnswer> {
  const context = contextOf(request, path, user);
  const representation = representationOf(request.headers.accept);
  const name = path.name ?? "";
  switch (verbOf(request, path)) {
    case "get":
      return objectAnswer(200, required(verbs.get)(name, context), representation);
    case "list":
      return listAnswer(kind, required(verbs.list)(context), representation);
    case "create":
      return objectAnswer(
        201,
        await required(verbs.create)(parseObject(kind, request.body), context),
        representation,
      );
    case "update":
      return writtenAnswer(required(verbs.update)(name, parseObject(kind, request.body), context));
    case "patch":
      return writtenAnswer(patchObject(kind, verbs, name, request, context));
    case "delete": {
      const options = deleteOptionsOf(request);
      const dryRun = options.dryRun.includes("All");
      return jsonAnswer(200, required(verbs.remove)(name, options, { ...context, dryRun }));
    }
    case "watch":
      return required(verbs.watch)(context, renderOf(representation));
    case "deletecollection":
      throw methodNotAllowed();
  }
}

function contextOf(request: HttpRequest, path: ApiPath, user: User): ResourceContext {
  return {
    user,
    namespace: path.namespace,
    query: request.query,
    dryRun: request.query.get("dryRun") === "All",
    userAgent: request.headers["user-agent"] ?? "unknown",
    signal: request.signal,
  };
}

function patchObject(
  kind: ResourceKind,
  verbs: ResourceVerbs,
  name: string,
  request: HttpRequest,
  context: ResourceContext,
): Written {
  const type = patchTypeOf(request.headers["content-type"]);
  const patch = parseJson(request.body) as Json;
  const update = required(verbs.update);
  const current = currentOrAbsent(verbs, name, context, type === "apply");
  if (current === undefined) {
    const create = required(verbs.create);
    return { object: create(patch as unknown as KubeObject, context) as KubeObject, created: true };
  }
  const patched = applyPatch(
    type,
    current as unknown as JsonObject,
    patch,
    kind.mergeKeys ?? {},
  ) as unknown as KubeObject;
  const { resourceVersion } = current.metadata;
  // A resourceVersion in the patch is a precondition; without one the patch applies to whatever is there.
  const wanted = patched.metadata.resourceVersion ?? resourceVersion;
  if (wanted !== resourceVersion) throw modified(kind, name);
  return update(
    name,
    { ...patched, metadata: { ...patched.metadata, resourceVersion } } as KubeObject,
    context,
  );
}

/** Server-side apply creates what is missing; every other patch needs the object. */
function currentOrAbsent(
  verbs: ResourceVerbs,
  name: string,
  context: ResourceContext,
  mayBeAbsent: boolean,
): KubeObject | undefined {
  try {
    return required(verbs.get)(name, context);
  } catch (error) {
    if (mayBeAbsent && error instanceof StatusError && error.code === 404) return undefined;
    throw error;
  }
}

function writtenAnswer(written: Written): HttpAnswer {
  return jsonAnswer(written.created ? 201 : 200, written.object);
}

function required<T>(verb: T | undefined): T {
  if (verb === undefined) throw methodNotAllowed();
  return verb;
}

function parseObject(kind: ResourceKind, body: Buffer): KubeObject {
  const object = parseJson(body);
  if (!isJsonObject(object)) throw badRequest("the object provided is unrecognized (must be of type object)");
  const expected = apiVersionOf(kind);
  const given = { kind: object["kind"] ?? kind.kind, apiVersion: object["apiVersion"] ?? expected };
  if (given.kind !== kind.kind || given.apiVersion !== expected) {
    const text = `${JSON.stringify(given.apiVersion)}, Kind=${JSON.stringify(given.kind)}`;
    throw badRequest(
      `the API version in the data (${text}) does not match the expected API version (${expected}, Kind=${kind.kind})`,
    );
  }
  const metadata = isJsonObject(object["metadata"]) ? object["metadata"] : {};
  return { ...object, kind: kind.kind, apiVersion: expected, metadata } as unknown as KubeObject;
}
