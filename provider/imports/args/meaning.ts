import type { ArgumentIssue } from "../../support/arguments/parsed.js";
import { parseReference } from "../../oci/names/reference.js";
import { own } from "../../support/collections.js";
import { type Fields, objectAt } from "../../support/json.js";
import { checkedAnnotation, claimPrefix, insecureAnnotation } from "./desiredStream.js";
import { imageIssues, tagOfSource } from "./image.js";
import { pullSecretIssues } from "./pullSecret/meaning.js";
import { tagName } from "./sources.js";
import { tagIssues } from "./tagMeaning.js";

/**
 * What a schema cannot say. Takes arguments of any shape and ignores what the schema reports, so that one report names
 * everything that is wrong.
 */
export function meaningIssues(inputs: unknown): readonly ArgumentIssue[] {
  const { source, repository, annotations, referencePolicy, name, namespace, sourceRepository, reimport } =
    objectAt(inputs);
  const tags = objectAt(inputs, "tags");
  const stream = { name: textOf(name), namespace: textOf(namespace) };
  const issues: ArgumentIssue[] = [];
  const hasWork =
    [source, repository, sourceRepository].some((given) => given !== undefined) || isReimporting(reimport);
  if (!hasWork && Object.keys(tags).length === 0) {
    // Without a path, so that a preview overlooks it as long as any argument is unknown.
    const message =
      'tags: at least one tag is needed, like { v1: "quay.io/acme/web:v1" }, or source, or repository';
    issues.push({ path: [], message });
  }
  if (typeof source === "string") issues.push(...sourceIssues(source, tags));
  return [
    ...issues,
    ...tagIssues(tags, stream),
    ...mirrorIssues(tags, referencePolicy),
    ...repositoryIssues(sourceRepository),
    ...reimportIssues(reimport),
    ...annotationIssues(objectAt(annotations), objectAt(inputs)),
    ...pullSecretIssues(inputs),
  ];
}

function isReimporting(reimport: unknown): boolean {
  return reimport === true || (Array.isArray(reimport) && reimport.length > 0);
}

function repositoryIssues(repository: unknown): readonly ArgumentIssue[] {
  if (typeof repository !== "string") return [];
  const path = ["sourceRepository"];
  const issues = imageIssues(repository, path);
  const parsed = parseReference(repository);
  if (issues.length > 0 || !parsed.ok || (parsed.reference.tag === "" && parsed.reference.id === ""))
    return issues;
  return [{ path, message: "names a tag or a digest, and is to name a whole repository: leave that out" }];
}

function reimportIssues(reimport: unknown): readonly ArgumentIssue[] {
  const names: readonly unknown[] = Array.isArray(reimport) ? reimport : [];
  return names.flatMap((name, index) =>
    typeof name !== "string" || tagName.test(name)
      ? []
      : [{ path: ["reimport", index], message: `${JSON.stringify(name)} is not a valid tag name` }],
  );
}

/** A copy in the integrated registry serves nobody who pulls from the source. */
function mirrorIssues(
  tags: Readonly<Record<string, unknown>>,
  referencePolicy: unknown,
): readonly ArgumentIssue[] {
  return Object.entries(tags).flatMap(([name, tag]) => {
    const fields = objectAt(tag);
    const isLocal = (fields.referencePolicy ?? referencePolicy) === "Local";
    if (fields.mirror !== true || isLocal || typeof fields.image !== "string") return [];
    const message = 'needs referencePolicy: "Local", or nobody pulls the copy';
    return [{ path: ["tags", name, "mirror"], message }];
  });
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

function annotationIssues(annotations: Fields, { insecureRepository }: Fields): readonly ArgumentIssue[] {
  const reserved = Object.keys(annotations).filter(
    (key) => key.startsWith(claimPrefix) || key === checkedAnnotation,
  );
  const issues = reserved.map((key) => ({ path: ["annotations", key], message: "is reserved" }));
  if (insecureRepository === undefined || own(annotations, insecureAnnotation) === undefined) return issues;
  const message = "is what insecureRepository writes: leave one of the two";
  return [...issues, { path: ["annotations", insecureAnnotation], message }];
}
