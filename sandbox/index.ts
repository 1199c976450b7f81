export type { EngineFault } from "./engine/engineFaults.js";
export type { EngineVersion } from "./engine/engineProfiles.js";
export { type SandboxEngine, type SandboxEngineOptions, startEngine } from "./engine/startEngine.js";
export type { Fault, FaultEffect, ActiveFault } from "./http/faults.js";
export type { RequestCallback, SeenRequest } from "./http/requestHooks.js";
export type { RequestMatch } from "./http/requestMatch.js";
export type { ActiveReaction, Reaction } from "./reactions.js";
export type { LoggedRequest, RequestFilter } from "./http/requestLog.js";
export type { IntegratedRegistry } from "./integrated/integratedRegistry.js";
export type { ImagePush, LayerContent, PushContent, PushedImage } from "./integrated/pushImage.js";
export type { RegistryMode } from "./integrated/registryParts.js";
export type { PolicyRule } from "./kube/clusterRoles.js";
export type { ChangeResult, ClusterChange } from "./clusterChanges.js";
export type { ObjectName } from "./clusterEdits.js";
export type { KubeObject } from "./kube/objects.js";
export type { CustomKind } from "./kube/storedKinds.js";
export type { ImageContent, Platform, PublishedImage } from "./registry/publishImage.js";
export { pullAll, pullImage, type PullResult, type PullSource } from "./registry/pullImage.js";
export type { RegistryAuthentication } from "./registry/registryAccess.js";
export type { RegistryOptions, SandboxRegistry } from "./registry/sandboxRegistry.js";
export type { Sandbox, SandboxUser } from "./sandbox.js";
export type {
  IntegratedRegistryOptions,
  SandboxLimits,
  SandboxOptions,
  SandboxUserOptions,
} from "./sandboxOptions.js";
export { startSandbox } from "./startSandbox.js";
