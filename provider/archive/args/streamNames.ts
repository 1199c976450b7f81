import { isSha256Digest } from "../../oci/digest.js";
import { readStreamName, tagName, withoutUserinfo } from "../../oci/names/images.js";
import type { ArgumentIssue } from "../../support/arguments/parsed.js";
import { globProblem } from "../../support/globs/match.js";
import type { Fields } from "../../support/json.js";

/** Issues of `images[i].stream`, a text or a handle; ignores values of another type. */
export function streamIssues(stream: unknown, path: readonly PropertyKey[]): readonly ArgumentIssue[] {
  if (typeof stream === "object" && stream !== null) return handleIssues(stream as Fields, path);
  if (typeof stream !== "string") return [];
  const read = readStreamName(stream);
  const shown = JSON.stringify(withoutUserinfo(stream));
  const problem =
    read === undefined
      ? `is not "namespace/name:tag", "name:tag" or a whole stream "namespace/name": ${whyNoName(stream)}`
      : tagsProblem(read.tags);
  return problem === undefined ? [] : [{ path, message: `${shown} ${problem}` }];
}

/** What keeps a text from being the name of a stream, as a clause. */
function whyNoName(text: string): string {
  if (text.includes("://")) return "leave the scheme out";
  if (text.includes("@")) return "a digest has no place in it; name a tag that has it";
  const [name = "", ...tags] = text.split(":");
  const parts = name.split("/");
  const domain = name.search(/[.:]/);
  if (parts.length > 2 || (domain !== -1 && domain < name.lastIndexOf("/"))) {
    return "streams have no registry in front; { registry: ... } names an image by its registry";
  }
  if (tags.length > 1) return "it has more than one colon";
  if (tags[0] === "") return "the tag behind the colon is empty";
  if (parts.includes("")) return "a part of the name is empty";
  if (/\s/.test(text)) return "it has blanks";
  if (/[A-Z]/.test(name))
    return `upper case letters are not allowed in names; is ${name.toLowerCase()} meant?`;
  if (/[*?[\]{}]/.test(name)) return "globs are for tags alone";
  return "names have lower case letters, digits and -, in those of streams also . and _ between them";
}

/** What is wrong with a part of a handle. */
function namePartProblem(text: string, what: string): string {
  const why = /[A-Z]/.test(text)
    ? "upper case letters are not allowed in it"
    : "it has lower case letters, digits and hyphens, and begins with a letter or digit";
  return `${JSON.stringify(withoutUserinfo(text))} is not the name of ${what}: ${why}`;
}

function handleIssues(
  { namespace, name, tag, digest }: Fields,
  path: readonly PropertyKey[],
): readonly ArgumentIssue[] {
  const issue = (key: string, message: string) => [{ path: [...path, key], message }];
  return [
    ...(typeof namespace === "string" && readStreamName(`${namespace}/a`)?.namespace !== namespace
      ? issue("namespace", namePartProblem(namespace, "a namespace"))
      : []),
    ...(typeof name === "string" && readStreamName(name)?.name !== name
      ? issue("name", namePartProblem(name, "an image stream"))
      : []),
    ...(typeof tag === "string" ? issuesOf(tagsProblem(tag), [...path, "tag"]) : []),
    ...(typeof digest === "string" && !isSha256Digest(digest)
      ? issue("digest", "is not a digest: sha256: and 64 digits in lower case")
      : []),
  ];
}

function issuesOf(message: string | undefined, path: readonly PropertyKey[]): readonly ArgumentIssue[] {
  return message === undefined ? [] : [{ path, message }];
}

/** What is wrong with a tag or a glob of tags. */
function tagsProblem(tags: string): string | undefined {
  if (tagName.test(tags)) return undefined;
  if (!/^(?=.*[*?[\]{},])[\w.\-*?[\]{},!^]{1,256}$/.test(tags)) {
    return "names neither a tag (letters, digits, _ . -, at most 128) nor a glob of these with * ? [ab] [^ab] {a,b}";
  }
  return globProblem(tags);
}
