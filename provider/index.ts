import "./support/requireNode.js";
export {
  type ImageTagArgs,
  ImportedImageStream,
  type ImportedImageStreamArgs,
  type ImportPolicyArgs,
} from "./resources/importedImageStream.js";
export {
  type ArchivedImageArgs,
  type ArchiveRegistryArgs,
  type EngineConnectionArgs,
  ImageArchive,
  type ImageArchiveArgs,
  type IntegratedRegistryArgs,
  type StreamTag,
} from "./resources/imageArchive.js";
export {
  type ExtraReferenceArgs,
  ImagePrunePolicy,
  type ImagePrunePolicyArgs,
  type KeepArgs,
  type PruneLimitsArgs,
  type PruneRegistryArgs,
  type StreamSelectionArgs,
} from "./resources/imagePrunePolicy.js";
export { type ConnectionArgs } from "./resources/connectionArgs.js";
export { connectionFrom } from "./resources/connectionFrom.js";
export type { ResolvedImage, ResolvedTag, ResolvedTags, UnresolvedTag } from "./imports/plan/resolvedTag.js";
export type { ArchiveContent, ContentImage } from "./archive/plan/content.js";
export type { PlanInput as PrunePlan } from "./prune/plan/preview.js";
export type { BrokenOutput, LastPrune } from "./prune/state.js";
export type { ClusterIdentity } from "./okd/clusterIdentity.js";
