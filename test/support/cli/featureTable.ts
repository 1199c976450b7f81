import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../repositoryRoot.js";

/** Page with the table of Pulumi's features, relative to the root of the repository. */
export const featurePage = "docs/reference/pulumi-features.md";

/** Names of the features in the page's tables: what their first cells say, without backticks. */
export function documentedFeatures(): readonly string[] {
  const text = readFileSync(join(repositoryRoot, featurePage), "utf8");
  return text
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| feature |"))
    .map((line) => (line.split(/(?<!\\)\|/)[1] ?? "").replaceAll("`", "").trim());
}
