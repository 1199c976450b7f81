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
  const own = remembered(field);
  return own === "of its holder" ? holder : own;
}

/** Fields that say only together with what holds them what they are: `image: {name: web}`. */
const ofTheirHolder: ReadonlySet<string> = new Set([
  "name",
  "value",
  "default",
  "ref",
  "reference",
  "newname",
  "url",
  "uri",
]);

const images: ReadonlySet<string> = new Set(["from", "bundle", "pullspec"]);
const noImages = /imagepull|imagesecret|imagegc/;
const repositories = /(?:repository|repo|imagestreams?|istag|imagestreamtag|imagestream(?:name|ref))$/;
const digests = /(?:digest|sha|sha256|imageid|checksum)$/;

type OwnMeaning = FieldMeaning | "of its holder";

function readMeaning(field: string): OwnMeaning {
  const name = lastPartOf(field);
  if (ofTheirHolder.has(name)) return "of its holder";
  if (repositories.test(name)) return "repository";
  if (name.endsWith("tag") || isVersion(name)) return "tag";
  if (digests.test(name)) return "digest";
  if (name.endsWith("registry")) return "registry";
  if (name.endsWith("namespace") || name === "project") return "namespace";
  if (images.has(name)) return "image";
  return name.includes("image") && !noImages.test(name) ? "image" : "other";
}

function isVersion(name: string): boolean {
  return name.endsWith("version") && name !== "apiversion" && name !== "resourceversion";
}

/** Longer names mean nothing. */
const maxLength = 256;

/** `repository` of `image.repository`, `--repository` and `example.io/repository`. */
function lastPartOf(field: string): string {
  const start = Math.max(field.lastIndexOf("."), field.lastIndexOf("/"), field.lastIndexOf(":")) + 1;
  return field.slice(start).toLowerCase().replaceAll(/[-_]/g, "");
}

/** A cluster has few names of fields, and they come again and again. */
const known = new Map<string, OwnMeaning>();
const maxKnown = 10_000;

function remembered(field: string): OwnMeaning {
  const before = known.get(field);
  if (before !== undefined) return before;
  if (field.length > maxLength) return "other";
  const meaning = readMeaning(field);
  if (known.size >= maxKnown) known.clear();
  known.set(Buffer.from(field).toString(), meaning); // a part of a text would keep all of it in memory
  return meaning;
}
