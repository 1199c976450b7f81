import type { StreamKey } from "../../okd/streamName.js";
import { ImageError } from "../../support/imageError.js";
import type { HttpAnswer } from "../../http/send.js";
import { describeAnswer, faultOf } from "../client/answer.js";

/** A request and its registry; `attempted` completes "Cannot ...". */
export interface Attempt {
  readonly server: string;
  readonly attempted: string;
}

export type DeletedThing = "blob" | "layer link" | "manifest link";

/** What a failed deletion means (facts/registries.md 6, 7, 8). */
export function deletionFailure(answer: HttpAnswer, attempt: Attempt, thing: DeletedThing): ImageError {
  const isUnsupported = answer.status === 405 && faultOf(answer)?.code === "UNSUPPORTED";
  if (isUnsupported && thing === "manifest link") {
    const text =
      "a stream, or an index that it lists, still refers to it. It stays; the next run looks again";
    return refusal("REGISTRY_STILL_REFERENCED", answer, attempt, text);
  }
  if (isUnsupported) {
    const text =
      "deleting is switched off in it (storage.delete.enabled). Switch it on " +
      "(REGISTRY_STORAGE_DELETE_ENABLED=true), or set pruneRegistry: false";
    return refusal("REGISTRY_DELETE_DISABLED", answer, attempt, text);
  }
  if (answer.status === 405 && /^method not allowed/i.test(answer.text)) {
    const text =
      "it is in read-only mode, in which no blob may be deleted either. Wait for the end of the maintenance, or set " +
      "spec.readOnly: false in configs.imageregistry.operator.openshift.io/cluster";
    return refusal("REGISTRY_READ_ONLY", answer, attempt, text);
  }
  if (!isDenied(answer)) return unexpectedAnswer(answer, attempt);
  const text =
    "the user of the token needs the right to delete images.image.openshift.io at cluster scope, which the cluster role " +
    "system:image-pruner has: oc adm policy add-cluster-role-to-user system:image-pruner USER";
  return refusal("REGISTRY_UNAUTHORIZED", answer, attempt, text);
}

/** What a failed read from a repository means. */
export function pullFailure(answer: HttpAnswer, attempt: Attempt, { namespace }: StreamKey): ImageError {
  if (!isDenied(answer)) return unexpectedAnswer(answer, attempt);
  const text =
    `the user of the token needs the right to get imagestreams/layers in namespace ${namespace}, which the role ` +
    `system:image-puller has: oc policy add-role-to-user system:image-puller USER -n ${namespace}`;
  return refusal("REGISTRY_UNAUTHORIZED", answer, attempt, text);
}

function unexpectedAnswer(answer: HttpAnswer, { server, attempted }: Attempt): ImageError {
  const text = `Cannot ${attempted}: ${server} answered ${describeAnswer(answer)}. The registry's log may say more`;
  return new ImageError("REGISTRY_ERROR", text);
}

function isDenied({ status }: HttpAnswer): boolean {
  return status === 401 || status === 403;
}

function refusal(
  code: ImageError["code"],
  answer: HttpAnswer,
  { server, attempted }: Attempt,
  meaning: string,
): ImageError {
  return new ImageError(
    code,
    `Cannot ${attempted}: ${server} refused it (${describeAnswer(answer)}): ${meaning}`,
  );
}

/** How messages about the integrated registry name the argument that says how it is reached. */
export interface RegistryWording {
  /** `registry`, of which `url`, `caCert` and `skipTlsVerify` are parts. */
  readonly argument: string;
  /** What to do when it cannot be reached. */
  readonly advice: string;
}

export const pruneWording: RegistryWording = {
  argument: "registry",
  advice:
    "Set registry.url to its route, or to the address that this machine reaches it by; with pruneRegistry: false only " +
    "the API's objects are pruned.",
};

export const archiveWording: RegistryWording = {
  argument: "integratedRegistry",
  advice:
    "Set integratedRegistry.url to its route, or to the address that this machine reaches it by, and " +
    "integratedRegistry.caCert to its CA. Only images that were pushed, or have referencePolicy: Local, need it.",
};

export const mirrorWording: RegistryWording = {
  argument: "integratedRegistry",
  advice:
    "Set integratedRegistry.url to its route, or to the address that this machine reaches it by, and " +
    "integratedRegistry.caCert to its CA; only mirror: true needs it.",
};
