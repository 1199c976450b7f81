import { importSource } from "../../oci/names/importSource.js";
import { parseReference } from "../../oci/names/reference.js";
import type { ArgumentIssue } from "../../support/arguments/parsed.js";
import { own } from "../../support/collections.js";
import { objectAt } from "../../support/json.js";
import { claimPrefix } from "./desiredStream.js";

/** Tag names as `oc tag` accepts them; the server itself would store anything (facts/image-streams.md 9). */
const tagName = /^\w[\w.-]{0,127}$/;

interface WrittenTag {
  readonly name: string;
  readonly image: string | undefined;
  /** Where the image stands. */
  readonly path: readonly PropertyKey[];
  readonly scheduled: boolean;
}

/**
 * What a schema cannot say. Takes arguments of any shape and ignores what the schema reports, so that one report names
 * everything that is wrong.
 */
export function meaningIssues(inputs: unknown): readonly ArgumentIssue[] {
  const { source, tags, annotations } = objectAt(inputs);
  const written = Object.entries(objectAt(tags)).map(([name, tag]) => writtenTag(name, tag));
  const issues: ArgumentIssue[] = [];
  if (source === undefined && written.length === 0) {
    // Without a path, so that a preview overlooks it as long as any argument is unknown.
    const message = 'tags: at least one tag is needed, like { v1: "quay.io/acme/web:v1" }, or source';
    issues.push({ path: [], message });
  }
  if (typeof source === "string") issues.push(...sourceIssues(source, objectAt(tags)));
  return [...issues, ...written.flatMap(tagIssues), ...annotationIssues(objectAt(annotations))];
}

/** The tag that a source gives: its own, `latest` without one, none for a digest. */
export function tagOfSource(source: string): string | undefined {
  const parsed = parseReference(source);
  if (!parsed.ok) return undefined;
  if (parsed.reference.tag !== "") return parsed.reference.tag;
  return parsed.reference.id === "" ? "latest" : undefined;
}

export function isPinned(image: string): boolean {
  return image.includes("@");
}

function writtenTag(name: string, tag: unknown): WrittenTag {
  if (typeof tag === "string") return { name, image: tag, path: ["tags", name], scheduled: false };
  const { image, scheduled } = objectAt(tag);
  return {
    name,
    image: typeof image === "string" ? image : undefined,
    path: ["tags", name, "image"],
    scheduled: scheduled === true,
  };
}

function tagIssues({ name, image, path, scheduled }: WrittenTag): readonly ArgumentIssue[] {
  const issues: ArgumentIssue[] = [];
  if (name === "__proto__") {
    issues.push({ path: ["tags", name], message: "is a name that JavaScript keeps for itself" });
  } else if (!tagName.test(name)) {
    issues.push({
      path: ["tags", name],
      message: "is not a valid tag name (letters, digits, _ . -, at most 128)",
    });
  }
  if (image === undefined) return issues;
  issues.push(...imageIssues(image, path));
  if (scheduled && isPinned(image)) {
    const message = "has no meaning for a digest, which never moves";
    issues.push({ path: ["tags", name, "scheduled"], message });
  }
  return issues;
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

function imageIssues(image: string, path: readonly PropertyKey[]): readonly ArgumentIssue[] {
  const source = importSource(image);
  return source.ok ? [] : [{ path, message: source.reason }];
}

function annotationIssues(annotations: Readonly<Record<string, unknown>>): readonly ArgumentIssue[] {
  return Object.keys(annotations)
    .filter((key) => key.startsWith(claimPrefix) || key === "openshift.io/image.dockerRepositoryCheck")
    .map((key) => ({ path: ["annotations", key], message: "is reserved" }));
}
