import { remembered } from "../../support/async/memoized.js";

/** Which property names promise that an image is named there, in the schema of a kind that this code does not know. */

/**
 * - `below`: all of it is about an image, so any text in it counts.
 * - `here`: the text itself, a list or a map of texts; what is structured in it has names of its own.
 */
export type HintReach = "below" | "here";

export interface HoldingName {
  readonly reach: HintReach;
  readonly why: string;
  /** Anywhere in a name, whatever the case and without separators: `image` stands for `osImageURL` and `image_name` too. */
  readonly parts?: readonly string[];
  /** Only as the whole name: as parts of other names they are too common. */
  readonly names?: readonly string[];
}

export const holdingNames: readonly HoldingName[] = [
  {
    reach: "below",
    why: "an image, or what it is made of: `containerImage`, `relatedImages`, `osImageURL`, `imageStreamTag`",
    parts: ["image", "docker"],
    names: ["oci", "pullspec"],
  },
  {
    reach: "below",
    why: "containers, however they are wrapped: `initContainers`, `containerDisk`, `sidecars`",
    parts: ["container", "sidecar"],
  },
  {
    reach: "below",
    why: "templates of pods, jobs and other objects that run containers",
    parts: ["template", "podspec", "jobspec", "jobtargetref", "workload"],
  },
  {
    reach: "below",
    why: "where an image lies and which one it is, where both stand apart",
    parts: ["registry", "registries", "repository", "repositories", "digest", "sha256"],
    names: [
      "repo",
      "artifact",
      "artifacts",
      "bundle",
      "bundles",
      "package",
      "packages",
      "chart",
      "sha",
      "checksum",
    ],
  },
  {
    reach: "below",
    why: "object references to tags of streams, as builds have them",
    names: ["from", "fromref"],
  },
  {
    reach: "here",
    why: "addresses that may begin with `docker://` or `oci://`",
    names: ["url", "urls", "uri", "uris", "source", "sources"],
  },
  {
    reach: "here",
    why: "texts and objects inline: manifests, values of charts, scripts, settings of processes",
    parts: ["manifest", "yaml", "values", "script"],
    names: [
      "arg",
      "args",
      "argument",
      "arguments",
      "command",
      "commands",
      "config",
      "configuration",
      "content",
      "contents",
      "data",
      "env",
      "environment",
      "helm",
      "json",
      "object",
      "objects",
      "overrides",
      "param",
      "parameter",
      "parameters",
      "params",
      "patch",
      "patches",
      "payload",
      "raw",
      "resources",
      "value",
      "variables",
      "vars",
    ],
  },
];

/** How an image is pulled, and with which credentials; these names hold no image. */
const namesOfOtherThings: ReadonlySet<string> = new Set([
  "description",
  "imagepullpolicy",
  "imagepullsecret",
  "imagepullsecrets",
]);

/** Maps whose names and values are those of labels and nodes. */
const namesOfLabelMaps: ReadonlySet<string> = new Set(["labels", "matchlabels", "nodeselector", "selector"]);

export function holdsLabels(name: string): boolean {
  return namesOfLabelMaps.has(name.toLowerCase());
}

/** Characters; no person has chosen a longer name, so its words mean nothing. */
const longestName = 200;

/** Undefined when the name says nothing of images. Definitions have the same names again and again. */
export const hintIn = remembered(readHint, { most: 10_000, longest: longestName });

function readHint(name: string): HintReach | undefined {
  if (name.length > longestName) return "below";
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  if (namesOfOtherThings.has(plain)) return undefined;
  const named = holdingNames.find(
    ({ parts = [], names = [] }) => names.includes(plain) || parts.some((part) => plain.includes(part)),
  );
  return named?.reach;
}

/** Whether a property's description speaks of images, where its name does not. */
export function speaksOfImages(description: string): boolean {
  return /image|container|\boci\b|pull ?spec|registry|sha256/i.test(description);
}
