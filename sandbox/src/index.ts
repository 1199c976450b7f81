export type { EngineFault } from "./engine/faults.js";
export type { EngineVersion } from "./engine/profiles.js";
export { type SandboxEngine, startEngine } from "./engine/start.js";
export type { SandboxEngineOptions } from "./engine/settings.js";
export type { ActiveFault } from "./server/faults.js";
export type { Fault, FaultEffect } from "./server/faultSettings.js";
export type { RequestCallback, SeenRequest } from "./server/requestHooks.js";
export type { RequestMatch } from "./server/requestMatch.js";
export type { ActiveReaction, Reaction } from "./control/reactions.js";
export type { LoggedRequest, RequestFilter } from "./server/requestLog.js";
export type { IntegratedRegistry } from "./integrated/registry.js";
export type { ImagePush, LayerContent, PushContent, PushedImage } from "./integrated/push.js";
export type { IntegratedRegistryOptions, RegistryMode } from "./integrated/parts.js";
export type { PolicyRule } from "./kube/access/roles.js";
export type { ChangeResult, ClusterChange } from "./control/changes.js";
export type { ObjectName } from "./cluster/edits.js";
export type { KubeObject } from "./kube/model/object.js";
export type { CustomKind } from "./kube/kinds/served.js";
export type { ImageContent, Platform, PublishedImage } from "./registry/publish.js";
export { pullAll, pullImage, type PullResult, type PullSource } from "./registry/pull.js";
export type { RegistryAuthentication } from "./registry/access.js";
export type { RegistryOptions, SandboxRegistry } from "./registry/start.js";
export {
  type Image,
  type ImageStream,
  latestEvent,
  specTag,
  tagHistory,
  type TagReference,
} from "./images/stream/types.js";
export { formatKubeconfig, type KubeconfigOptions, type KubeconfigParts } from "./kubeconfig.js";
export {
  type CertificateAuthority,
  createCertificateAuthority,
  type KeyPair,
} from "./server/certificates.js";
export type { Status } from "./kube/model/status.js";
export type { Sandbox, SandboxUser } from "./sandbox.js";
export type { SandboxLimits } from "./cluster/options.js";
export type { SandboxOptions, SandboxUserOptions } from "./options.js";
export { startSandbox } from "./start.js";
