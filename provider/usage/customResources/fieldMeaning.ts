import { remembered } from "../../support/async/memoized.js";

/**
 * What the name of a field, variable or option says about the text that it has.
 *
 * - `image`: the text is an image; without a tag it is `latest`
 * - `repository`: the tag stands elsewhere, or is not known here
 * - `tag`, `digest`, `registry`, `namespace`: a part of an image's name
 */
export type FieldMeaning = "image" | "repository" | "tag" | "digest" | "registry" | "namespace" | "other";

/** `holder` is the meaning of the field that has the object, or the list, in which this one stands. */
export function meaningOf(field: string, holder: FieldMeaning): FieldMeaning {
  const { own } = fieldName(field);
  return own === "of its holder" ? holder : own;
}

/** Whether a name of a field may itself be a pull spec, or have a digest in it: maps have such names. */
export function mayBeContent(field: string): boolean {
  return fieldName(field).mayBeContent;
}

/** Fields whose meaning depends on the field that holds them: `image: {name: web}`. */
export const namesOfTheirHolder: readonly string[] = [
  "name",
  "value",
  "default",
  "ref",
  "reference",
  "newname",
  "url",
  "uri",
];

/** Names in lower case without separators; the first entry that fits counts. */
export interface MeaningfulNames {
  readonly meaning: FieldMeaning;
  readonly names?: readonly string[];
  readonly ends?: readonly string[];
  readonly parts?: readonly string[];
}

export const meaningfulNames: readonly MeaningfulNames[] = [
  {
    meaning: "other",
    names: ["apiversion", "resourceversion"],
    parts: ["imagepull", "imagesecret", "imagegc"],
  },
  {
    meaning: "repository",
    names: ["imagestreams"],
    ends: [
      "repository",
      "repo",
      "imagestream",
      "imagestreamname",
      "imagestreamref",
      "imagestreamtag",
      "istag",
    ],
  },
  { meaning: "tag", ends: ["tag", "tags", "version", "versions"] },
  { meaning: "digest", ends: ["digest", "sha", "sha256", "imageid", "checksum"] },
  { meaning: "registry", ends: ["registry"] },
  { meaning: "namespace", names: ["project"], ends: ["namespace"] },
  { meaning: "image", names: ["from", "bundle", "pullspec"], parts: ["image"] },
];

interface FieldName {
  readonly own: FieldMeaning | "of its holder";
  readonly mayBeContent: boolean;
}

function readMeaning(field: string): FieldName["own"] {
  const name = lastPartOf(field);
  if (namesOfTheirHolder.includes(name)) return "of its holder";
  const found = meaningfulNames.find(
    ({ names = [], ends = [], parts = [] }) =>
      names.includes(name) ||
      ends.some((end) => name.endsWith(end)) ||
      parts.some((part) => name.includes(part)),
  );
  return found?.meaning ?? "other";
}

/** Longer names mean nothing. */
const maxLength = 256;
/** Characters; without its algorithm. */
const digestLength = 64;

/** `repository` of `image.repository`, `--repository` and `example.io/repository`. */
function lastPartOf(field: string): string {
  const start = Math.max(field.lastIndexOf("."), field.lastIndexOf("/"), field.lastIndexOf(":")) + 1;
  return field.slice(start).toLowerCase().replaceAll(/[-_]/g, "");
}

/** A cluster has few distinct field names, each many times. */
const fieldName = remembered(
  (field): FieldName => ({
    own: field.length > maxLength ? "other" : readMeaning(field),
    // A text that looks like the name of an annotation is no pull spec.
    mayBeContent: field.length >= digestLength || (field.includes("/") && field.includes(":")),
  }),
  { most: 10_000, longest: maxLength },
);
