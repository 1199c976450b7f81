import { archiveName } from "../../oci/names/archiveName.js";
import { archiveNames, isImageId, tagName, withoutUserinfo, withTag } from "../../oci/names/images.js";
import { pullReference } from "../../oci/names/pullReference.js";
import { parseReference, type ReferenceError } from "../../oci/names/reference.js";
import type { ArgumentIssue } from "../../support/arguments/parsed.js";
import { type Fields, objectAt } from "../../support/json.js";
import { registriesIssues, settingsIssues } from "./registryRules.js";
import { streamIssues } from "./streamNames.js";

const kinds = ["registry", "engine", "stream"] as const;

/**
 * What a schema cannot say: whether paths, names and combinations mean something. Takes arguments of any shape and ignores
 * what the schema reports.
 */
export function meaningIssues(inputs: unknown): readonly ArgumentIssue[] {
  const given = objectAt(inputs);
  const images = Array.isArray(given.images) ? (given.images as readonly unknown[]) : [];
  return [
    ...pathIssues(given.path),
    ...(typeof given.tag === "string" && !tagName.test(given.tag)
      ? [{ path: ["tag"], message: "is not a tag (letters, digits, _ . -, at most 128)" }]
      : []),
    ...images.flatMap((image, index) => imageIssues(image, ["images", index])),
    ...registriesIssues(objectAt(given.registries)),
    ...settingsIssues(objectAt(given.integratedRegistry), ["integratedRegistry"]),
    ...formatIssues(given, images),
    ...duplicateNames(images, typeof given.tag === "string" ? given.tag : "latest"),
  ];
}

function pathIssues(path: unknown): readonly ArgumentIssue[] {
  if (typeof path !== "string") return [];
  const issue = (message: string) => [{ path: ["path"], message }];
  if (path === "") return issue("is empty");
  if (path.includes("\0")) return issue("contains a NUL character");
  if (/^~(?:[/\\]|$)/.test(path)) return issue("begins with ~, which only shells know: use os.homedir()");
  return /[/\\]$/.test(path) ? issue("names a folder; it must end in a file name") : [];
}

function imageIssues(image: unknown, path: readonly PropertyKey[]): readonly ArgumentIssue[] {
  if (typeof image === "string") return registryIssues(image, path);
  const entry = objectAt(image);
  const given = kinds.filter((kind) => entry[kind] !== undefined);
  const issues: ArgumentIssue[] = [];
  if (given.length !== 1) issues.push({ path, message: "needs exactly one of registry, engine and stream" });
  const { registry, engine, stream, as } = entry;
  if (typeof registry === "string") issues.push(...registryIssues(registry, [...path, "registry"]));
  if (typeof engine === "string" && !isImageId(engine)) {
    issues.push(...referenceIssues(engine, [...path, "engine"]));
  }
  issues.push(...streamIssues(stream, [...path, "stream"]));
  if (typeof as === "string") issues.push(...nameIssues(as, [...path, "as"]));
  return issues;
}

/** As strict as the pull itself. An ID, which an engine would take, names nothing in a registry. */
function registryIssues(reference: string, path: readonly PropertyKey[]): readonly ArgumentIssue[] {
  if (isImageId(reference)) {
    const advice = "write repository@sha256:..., docker.io/library/NAME for a name, or { engine: ID }";
    return [{ path, message: `${JSON.stringify(reference)} is an image ID: ${advice}` }];
  }
  const issues = referenceIssues(reference, path);
  if (issues.length > 0) return issues;
  const verdict = pullReference(reference);
  return verdict.ok ? [] : [{ path, message: verdict.reason }];
}

function referenceIssues(reference: string, path: readonly PropertyKey[]): readonly ArgumentIssue[] {
  const parsed = parseReference(reference);
  if (parsed.ok) return [];
  const shown = withoutUserinfo(reference);
  const [transport] = /^[a-z-]+:\/\//.exec(reference) ?? [];
  const begin = shown === reference ? transport : `${transport ?? ""}***@`;
  const error = begin === undefined ? referenceErrors[parsed.error] : `leave ${begin} out`;
  return [{ path, message: `${JSON.stringify(shown)} is not an image reference: ${error}` }];
}

/** Why, in other words than library-go's. */
const referenceErrors: Readonly<Record<ReferenceError, string>> = {
  "repository name must be lowercase": "upper case letters are not allowed in names",
  "repository name must not be more than 255 characters": "its name has more than 255 characters",
  "unsupported digest algorithm": "its digest is not sha256",
  "invalid checksum digest length": "its digest has the wrong length: sha256 has 64 digits",
  "invalid reference format": "it must be [host[:port]/]path[:tag][@sha256:digest]",
  "repository name must have at least one component": "it names no repository",
};

function nameIssues(name: string, path: readonly PropertyKey[]): readonly ArgumentIssue[] {
  if (name.includes("@")) return [{ path, message: "is a name in the archive and cannot have a digest" }];
  return referenceIssues(name, path);
}

function formatIssues({ format, platforms }: Fields, images: readonly unknown[]): readonly ArgumentIssue[] {
  if (format !== "engine") return [];
  const entries = images.map((image) => objectAt(image));
  const issue = (message: string) => [{ path: ["format"], message: `"engine" ${message}` }];
  if (entries.some(({ engine }) => engine === undefined)) {
    return issue("is for images of an engine alone; some come from elsewhere");
  }
  if (entries.some(({ as }) => as !== undefined)) {
    return issue("keeps the engine's names; leave format or as out");
  }
  const asked = new Set(entries.map((entry) => JSON.stringify(entry.platforms ?? platforms ?? [])));
  return asked.size > 1 ? issue("is for images of one platform; leave format out, or export each alone") : [];
}

/** Two images cannot have one name in an archive: the later would take it from the earlier. */
function duplicateNames(images: readonly unknown[], tag: string): readonly ArgumentIssue[] {
  const seen = new Set<string>();
  return images.flatMap((image, index) => {
    const name = nameOf(image, tag);
    if (name === undefined || !seen.has(name)) {
      if (name !== undefined) seen.add(name);
      return [];
    }
    return [
      { path: ["images", index], message: `${name} is in the archive already; give it another name with as` },
    ];
  });
}

/** The name that the image gets, as every engine understands it; what has none stands for itself. */
function nameOf(image: unknown, tag: string): string | undefined {
  const { registry, engine, as } = objectAt(typeof image === "string" ? { registry: image } : image);
  if (typeof as === "string") return archiveName(withTag(withoutUserinfo(as), tag));
  const written = registry ?? engine;
  if (typeof written !== "string") return undefined;
  const reference = withoutUserinfo(written);
  const [name] = archiveNames(withTag(reference, tag), undefined);
  return name === undefined ? reference : archiveName(name);
}
