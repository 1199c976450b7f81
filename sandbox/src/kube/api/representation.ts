import { type HttpAnswer, jsonAnswer } from "../../http/exchange.js";
import { type KubeObject, without } from "../model/object.js";
import { apiVersionOf, type ObjectList, type ResourceKind } from "../model/resource.js";
import { StatusError } from "../model/status.js";

export type Representation = "full" | "metadata";

/** The first representation of `Accept` that the server can give. */
export function representationOf(accept: string | undefined): Representation {
  if (accept === undefined || accept === "") return "full";
  for (const range of accept.split(",")) {
    const [mediaType = "", ...parameters] = range.split(";").map((part) => part.trim());
    if (!["application/json", "application/*", "*/*"].includes(mediaType)) continue;
    const as = parameters.find((parameter) => parameter.startsWith("as="))?.slice("as=".length);
    if (as === undefined) return "full";
    if (as === "PartialObjectMetadata" || as === "PartialObjectMetadataList") return "metadata";
  }
  const message = "only the following media types are accepted: application/json";
  throw new StatusError(406, "NotAcceptable", message, {});
}

export function objectAnswer(status: number, object: unknown, representation: Representation): HttpAnswer {
  return jsonAnswer(status, representation === "metadata" ? partialMetadata(object as KubeObject) : object);
}

export function listAnswer(kind: ResourceKind, list: ObjectList, representation: Representation): HttpAnswer {
  const isPartial = representation === "metadata";
  return jsonAnswer(200, {
    kind: isPartial ? "PartialObjectMetadataList" : `${kind.kind}List`,
    apiVersion: isPartial ? "meta.k8s.io/v1" : apiVersionOf(kind),
    metadata: list.metadata,
    items: list.items.map(isPartial ? partialMetadata : itemOf(kind)),
  });
}

/** Objects of custom kinds say in a list, too, what they are, in the version that was asked for. */
function itemOf(kind: ResourceKind): (object: KubeObject) => unknown {
  if (kind.isCustom !== true) return withoutType;
  return (object) => ({ ...object, kind: kind.kind, apiVersion: apiVersionOf(kind) });
}

/** For objects one at a time. */
export function renderOf(representation: Representation): (object: KubeObject) => unknown {
  return representation === "metadata" ? partialMetadata : (object) => object;
}

function partialMetadata(object: KubeObject): unknown {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata };
}

function withoutType(object: KubeObject): unknown {
  return without(object, "kind", "apiVersion");
}
