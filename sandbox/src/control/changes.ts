import type { ClusterEdits, ObjectName } from "../cluster/edits.js";
import type { ServerClock } from "../http/clock.js";
import type { RegistryMode } from "../integrated/parts.js";
import type { ImagePush, PushedImage } from "../integrated/push.js";
import type { IntegratedRegistry } from "../integrated/registry.js";
import type { KubeObject } from "../kube/model/object.js";
import { requireSettings } from "../settings/require.js";
import { changeSettings } from "./changeSettings.js";

/** A change of the cluster behind its clients' backs, as data. */
export type ClusterChange =
  /** Creates or replaces an object, as `sandbox.seed`. */
  | { readonly put: KubeObject }
  /** A merge patch over an object, status included. */
  | { readonly patch: KubeObject }
  | { readonly delete: ObjectName }
  /** A push into the integrated registry. */
  | { readonly push: ImagePush }
  | { readonly registryMode: RegistryMode }
  /** How far the cluster's clock is ahead of this machine's. */
  | { readonly clockOffsetSeconds: number };

export interface ChangeParts {
  readonly edits: ClusterEdits;
  readonly clock: ServerClock;
  /** Throws when there is none. */
  readonly integratedRegistry: () => IntegratedRegistry;
}

/** The result of a change: an object, an image, or nothing. */
export type ChangeResult = KubeObject | PushedImage | null;

/** @throws Error with a sentence for each field that is unknown or wrong */
export function applyChange(parts: ChangeParts, change: ClusterChange): ChangeResult {
  requireSettings("a change", changeSettings, change);
  if ("put" in change) return parts.edits.put(change.put);
  if ("patch" in change) return parts.edits.patch(change.patch);
  if ("push" in change) return parts.integratedRegistry().push(change.push);
  if ("delete" in change) parts.edits.remove(change.delete);
  else if ("registryMode" in change) parts.integratedRegistry().mode = change.registryMode;
  else parts.clock.set(change.clockOffsetSeconds);
  return null;
}
