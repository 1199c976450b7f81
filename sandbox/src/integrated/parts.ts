import type { ObjectStore } from "../kube/storage/objectStore.js";
import type { PullThrough } from "./pullThrough.js";
import type { ServedImages } from "./servedImages.js";
import type { IntegratedStorage } from "./storage.js";

/** "readOnly": storage.maintenance.readonly; "deleteDisabled": storage.delete.enabled is false. */
export type RegistryMode = "normal" | "readOnly" | "deleteDisabled";

export interface IntegratedRegistryOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default "https", with a certificate of the sandbox's authority. */
  readonly protocol?: "https" | "http";
  /** The name of its route, as references outside the cluster have it; default its address on loopback. */
  readonly publicHost?: string;
  /** Hosts of further routes to it, by the names of the routes. */
  readonly routes?: Readonly<Record<string, string>>;
  /** Default "normal". */
  readonly mode?: RegistryMode;
}

/** What the handlers of the integrated registry share. */
export interface RegistryParts {
  readonly store: ObjectStore;
  readonly storage: IntegratedStorage;
  readonly served: ServedImages;
  readonly source: PullThrough;
  mode: RegistryMode;
}
