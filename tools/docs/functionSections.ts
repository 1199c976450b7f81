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
