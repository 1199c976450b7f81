import "./support/requireNode.js";
export { ImportedImageStream } from "./resources/importedImageStream.js";
export type {
  ImageTagArgs,
  ImportedImageStreamArgs,
  ImportPolicyArgs,
} from "./resources/args/importedImageStream.js";
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
export { connectionFrom } from "./resources/connectionFrom.js";
export type { ResolvedImage, ResolvedTag, ResolvedTags, UnresolvedTag } from "./imports/plan/resolvedTag.js";
export type { ArchiveContent, ContentImage } from "./archive/plan/content.js";
export type { PrunePlan } from "./prune/plan/preview.js";
export type { BrokenOutput, LastPrune } from "./prune/state.js";
export type { ClusterIdentity } from "./okd/clusterIdentity.js";
