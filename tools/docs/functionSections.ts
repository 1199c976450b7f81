import type { TypeSection } from "./resourcePages.js";

/** What the page about functions consists of; everything else is in the doc comments. */
export interface FunctionSection {
  /** As the package exports them; functions that belong together share a section. */
  readonly functions: readonly [string, ...string[]];
  readonly args: readonly TypeSection[];
  readonly outputs: readonly TypeSection[];
}

export const functionSections: readonly FunctionSection[] = [
  {
    functions: ["getImageMetadata", "getImageMetadataOutput"],
    args: [
      { type: "ImageMetadataArgs" },
      { type: "LookupOptions", prefix: "options.", heading: "Options of the `Output` forms" },
    ],
    outputs: [
      { type: "ImageMetadata", heading: "What an image is made of" },
      { type: "ContainerConfig", prefix: "config." },
      { type: "ImageLayer", prefix: "layers[]." },
      { type: "IndexedImage", prefix: "manifests[]." },
      { type: "ImageSignature", prefix: "signatures[]." },
    ],
  },
  {
    functions: ["getImageStreamImage", "getImageStreamImageOutput"],
    args: [{ type: "ImageStreamImageArgs" }],
    outputs: [],
  },
  {
    functions: ["getImageStreamTag", "getImageStreamTagOutput"],
    args: [{ type: "ImageStreamTagArgs" }],
    outputs: [
      { type: "TagStatus", heading: "How a tag stands, beside what its image is made of" },
      { type: "TagRevision", prefix: "history[]." },
      { type: "TagCondition", prefix: "conditions[]." },
    ],
  },
  {
    functions: ["imageTrigger"],
    args: [{ type: "ImageTriggerArgs" }],
    outputs: [{ type: "TriggerAnnotations" }],
  },
  {
    functions: ["imageChangeTrigger"],
    args: [
      { type: "DeploymentTriggerArgs", heading: "For a DeploymentConfig" },
      { type: "BuildTriggerArgs", heading: "For a BuildConfig" },
    ],
    outputs: [
      { type: "DeploymentImageTrigger", heading: "Of a DeploymentConfig" },
      { type: "BuildImageTrigger", heading: "Of a BuildConfig" },
    ],
  },
  { functions: ["resolveNames"], args: [], outputs: [{ type: "ResolvingAnnotations" }] },
];
