import type { ObjectStore } from "../kube/objectStore.js";
import type { IntegratedStorage } from "./integratedStorage.js";
import type { PullThrough } from "./pullThrough.js";
import type { ServedImages } from "./servedImages.js";

/** "readOnly": storage.maintenance.readonly; "deleteDisabled": storage.delete.enabled is false. */
export type RegistryMode = "normal" | "readOnly" | "deleteDisabled";

/** What the handlers of the integrated registry share. */
export interface RegistryParts {
  readonly store: ObjectStore;
  readonly storage: IntegratedStorage;
  readonly served: ServedImages;
  readonly source: PullThrough;
  mode: RegistryMode;
}
