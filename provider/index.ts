export {
  type ImageTagArgs,
  ImportedImageStream,
  type ImportedImageStreamArgs,
  type ImportPolicyArgs,
} from "./resources/importedImageStream.js";
export { type ConnectionArgs } from "./resources/connectionArgs.js";
export { connectionFrom } from "./resources/connectionFrom.js";
export type { ResolvedImage, ResolvedTag, ResolvedTags, UnresolvedTag } from "./imports/resolvedTag.js";
export type { ClusterIdentity } from "./support/clusterIdentity.js";
