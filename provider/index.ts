import "./support/requireNode.js";
export { ImportedImageStream } from "./resources/importedImageStream.js";
export type { ImportedImageStreamArgs } from "./resources/args/importedImageStream.js";
export type {
  AliasTagArgs,
  ImageTagArgs,
  ImportPolicyArgs,
  RepositoryArgs,
  StreamImageArgs,
  StreamTagArgs,
  TagArgs,
} from "./resources/args/tags.js";
export type { PullSecretArgs, PullSecretSourceArgs, RegistryLoginArgs } from "./resources/args/pullSecret.js";
export type { MirrorRegistryArgs } from "./resources/args/mirrorRegistry.js";
export { ImageArchive } from "./resources/imageArchive.js";
export type {
  ArchivedImageArgs,
  ArchiveRegistryArgs,
  EngineConnectionArgs,
  ImageArchiveArgs,
  IntegratedRegistryArgs,
  StreamTag,
} from "./resources/args/imageArchive.js";
export { ImagePrunePolicy } from "./resources/imagePrunePolicy.js";
export type {
  ExtraReferenceArgs,
  ImagePrunePolicyArgs,
  KeepArgs,
  PruneLimitsArgs,
  PruneRegistryArgs,
  StreamSelectionArgs,
} from "./resources/args/imagePrunePolicy.js";
export type { ConnectionArgs } from "./resources/args/connection.js";
export { getImageMetadata, getImageMetadataOutput } from "./resources/lookups/imageMetadata.js";
export { getImageStreamImage, getImageStreamImageOutput } from "./resources/lookups/imageStreamImage.js";
export {
  getImageStreamTag,
  getImageStreamTagOutput,
  type ImageStreamTag,
} from "./resources/lookups/imageStreamTag.js";
export type {
  ImageMetadataArgs,
  ImageStreamImageArgs,
  ImageStreamTagArgs,
  LookupArgs,
  LookupOptions,
} from "./resources/args/lookups.js";
export type {
  ContainerConfig,
  ImageLayer,
  ImageMetadata,
  ImageSignature,
  IndexedImage,
} from "./okd/imageMetadata.js";
export type { TagCondition, TagRevision, TagStatus } from "./okd/tagStatus.js";
export { imageTrigger } from "./resources/workloads/triggers.js";
export type { ImageTriggerArgs, TriggerAnnotations, TriggeredKind } from "./resources/workloads/triggers.js";
export { imageChangeTrigger } from "./resources/workloads/changeTriggers.js";
export type {
  BuildImageTrigger,
  BuildTriggerArgs,
  DeploymentImageTrigger,
  DeploymentTriggerArgs,
} from "./resources/workloads/changeTriggers.js";
export { resolveNames } from "./resources/workloads/resolveNames.js";
export type { ResolvingAnnotations } from "./resources/workloads/resolveNames.js";
export type { TagReference } from "./resources/workloads/triggeringTag.js";
export { connectionFrom } from "./resources/connectionFrom.js";
export type {
  ReferencedImage,
  ResolvedImage,
  ResolvedTag,
  ResolvedTags,
  UnresolvedTag,
} from "./imports/outputs.js";
export type { ArchiveContent, ContentImage } from "./archive/outputs.js";
export type { BrokenOutput, LastPrune, PrunePlan } from "./prune/outputs.js";
export type { ClusterIdentity } from "./okd/clusterIdentity.js";
