import { parseReference } from "../../oci/names/reference.js";
import type { ArgumentIssue } from "../../support/arguments/parsed.js";
import { globProblem } from "../../support/globs/match.js";
import { objectAt } from "../../support/json.js";
import { parsePattern } from "../../support/text/patterns.js";
import { versionRange } from "../../support/text/versions.js";
import { imageIssues } from "./image.js";
import { groupsOfExtract, groupsOfName } from "./templates.js";

/** What is wrong with `repository` that a schema cannot say. Takes a value of any shape. */
export function repositoryIssues(repository: unknown): readonly ArgumentIssue[] {
  const fields = objectAt(repository);
  return [
    ...sourceIssues(fields.image),
    ...globIssues("include", fields.include),
    ...globIssues("exclude", fields.exclude),
    ...patternIssues(fields),
    ...rangeIssues(fields.semver),
    ...limitIssues(fields),
  ];
}

type Fields = Readonly<Record<string, unknown>>;

function issue(key: string, message: string): ArgumentIssue {
  return { path: ["repository", key], message };
}

function sourceIssues(image: unknown): readonly ArgumentIssue[] {
  if (typeof image !== "string") return [];
  const issues = imageIssues(image, ["repository", "image"]);
  if (issues.length > 0) return issues;
  const parsed = parseReference(image);
  if (!parsed.ok || (parsed.reference.tag === "" && parsed.reference.id === "")) return [];
  const rest = parsed.reference.id === "" ? "a tag" : "a digest";
  return [
    issue(
      "image",
      `${JSON.stringify(image)} has ${rest}: write the repository alone, and choose tags by include`,
    ),
  ];
}

function globIssues(key: string, globs: unknown): readonly ArgumentIssue[] {
  if (!Array.isArray(globs)) return [];
  return globs.flatMap((glob: unknown, index) => {
    const problem = typeof glob === "string" ? globProblem(glob) : undefined;
    if (problem === undefined) return [];
    return [{ path: ["repository", key, index], message: `${JSON.stringify(glob)} ${problem}` }];
  });
}

function patternIssues({ pattern, extract, as }: Fields): readonly ArgumentIssue[] {
  if (typeof pattern !== "string") {
    if (pattern !== undefined) return [];
    return [
      ...(typeof extract === "string"
        ? [issue("extract", "needs a pattern, whose groups it puts together")]
        : []),
      ...groupIssues("as", typeof as === "string" ? groupsOfName(as) : [], new Set()),
    ];
  }
  const parsed = parsePattern(pattern);
  if (parsed === undefined)
    return [issue("pattern", `${JSON.stringify(pattern)} is not a regular expression`)];
  return [
    ...groupIssues("extract", typeof extract === "string" ? groupsOfExtract(extract) : [], parsed.groups),
    ...groupIssues("as", typeof as === "string" ? groupsOfName(as) : [], parsed.groups),
  ];
}

function groupIssues(
  key: string,
  wanted: readonly string[],
  groups: ReadonlySet<string>,
): readonly ArgumentIssue[] {
  return wanted
    .filter((name) => !groups.has(name))
    .map((name) => issue(key, `names the group ${name}, which the pattern does not have`));
}

function rangeIssues(semver: unknown): readonly ArgumentIssue[] {
  if (typeof semver !== "string" || versionRange(semver) !== undefined) return [];
  return [issue("semver", `${JSON.stringify(semver)} is not a range of versions, like ">=1.2 <3" or "^1.4"`)];
}

/** The newest of tags without an order would be any. */
function limitIssues({ limit, sort, semver }: Fields): readonly ArgumentIssue[] {
  if (limit === undefined || sort !== undefined || semver !== undefined) return [];
  return [
    issue("limit", "needs sort, which says what is the newest: semver, numerical, alphabetical or created"),
  ];
}
