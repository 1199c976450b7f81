import type { ArgumentIssue } from "../../support/arguments/parsed.js";
import { own } from "../../support/collections.js";
import { objectAt } from "../../support/json.js";
import { claimPrefix } from "./desiredStream.js";
import { imageIssues, tagOfSource } from "./image.js";
import { tagIssues } from "./tagMeaning.js";

/**
 * What a schema cannot say. Takes arguments of any shape and ignores what the schema reports, so that one report names
 * everything that is wrong.
 */
export function meaningIssues(inputs: unknown): readonly ArgumentIssue[] {
  const { source, annotations, name, namespace } = objectAt(inputs);
  const tags = objectAt(inputs, "tags");
  const own = { name: textOf(name), namespace: textOf(namespace) };
  const issues: ArgumentIssue[] = [];
  if (source === undefined && Object.keys(tags).length === 0) {
    // Without a path, so that a preview overlooks it as long as any argument is unknown.
    const message = 'tags: at least one tag is needed, like { v1: "quay.io/acme/web:v1" }, or source';
    issues.push({ path: [], message });
  }
  if (typeof source === "string") issues.push(...sourceIssues(source, tags));
  return [...issues, ...tagIssues(tags, own), ...annotationIssues(objectAt(annotations))];
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function sourceIssues(source: string, tags: Readonly<Record<string, unknown>>): readonly ArgumentIssue[] {
  const path = ["source"];
  const issues = imageIssues(source, path);
  if (issues.length > 0) return issues;
  const tag = tagOfSource(source);
  if (tag === undefined) {
    const message =
      "names a digest, so there is no tag to take from it; write tags: { <tag>: <image> } instead";
    return [{ path, message }];
  }
  return own(tags, tag) === undefined
    ? []
    : [{ path, message: `gives the tag ${tag}, which tags declares too` }];
}

function annotationIssues(annotations: Readonly<Record<string, unknown>>): readonly ArgumentIssue[] {
  return Object.keys(annotations)
    .filter((key) => key.startsWith(claimPrefix) || key === "openshift.io/image.dockerRepositoryCheck")
    .map((key) => ({ path: ["annotations", key], message: "is reserved" }));
}
