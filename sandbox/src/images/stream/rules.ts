import type { AccessRules } from "../../kube/access/rules.js";
import type { ObjectStore } from "../../kube/storage/objectStore.js";
import type { AliasChains } from "./chains.js";
import type { RegistryWhitelist } from "./whitelist.js";

/** What a write of a stream is judged by. */
export interface StreamRules {
  readonly store: ObjectStore;
  readonly access: AccessRules;
  readonly whitelist: RegistryWhitelist;
  readonly aliasChains: AliasChains;
}
