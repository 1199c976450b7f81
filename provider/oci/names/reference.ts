import { type DigestProblem, digestProblem } from "../digest.js";

/**
 * An image reference with the fields of OpenShift's library-go (`pkg/image/reference`), which decides what an image
 * stream means. Absent parts are empty strings; nothing is defaulted. A text without any slash that looks like a host
 * ("foo.bar") is a registry and nothing else: `name` is empty then.
 */
export interface ImageReference {
  /** Host, with port when it was written. */
  readonly registry: string;
  /** First segment of the path when there are several. */
  readonly namespace: string;
  /** The rest of the path; may contain slashes. */
  readonly name: string;
  readonly tag: string;
  /** Digest such as `sha256:...`; wins over the tag wherever both are there. */
  readonly id: string;
}

export type ReferenceError =
  | DigestProblem
  | "invalid reference format"
  | "repository name must be lowercase"
  | "repository name must have at least one component"
  | "repository name must not be more than 255 characters";

export type ParsedReference =
  | { readonly ok: true; readonly reference: ImageReference }
  | { readonly ok: false; readonly error: ReferenceError };

/** Characters; no valid text is nearly as long, and longer texts are refused unread. */
const maxTextLength = 4096;
const maxNameLength = 255;

// All of these are linear: no repeated group can match the same text in two ways.
const component = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const host = /^[a-zA-Z0-9]+(?:-+[a-zA-Z0-9]+)*(?:\.[a-zA-Z0-9]+(?:-+[a-zA-Z0-9]+)*)*(?::[0-9]+)?$/;
const tagText = /^\w[\w.-]{0,127}$/;
const digestText = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,}$/;

/** Reads a reference exactly as library-go does, its errors included (`test/conformance/image-references.jsonl`). */
export function parseReference(text: string): ParsedReference {
  if (text.length > maxTextLength) return { ok: false, error: "invalid reference format" };
  const parts = splitReference(text);
  if (parts === undefined) return { ok: false, error: formatError(text) };
  if (parts.name.length > maxNameLength) {
    return { ok: false, error: "repository name must not be more than 255 characters" };
  }
  const problem = parts.digest === "" ? undefined : digestProblem(parts.digest);
  if (problem !== undefined) return { ok: false, error: problem };
  return { ok: true, reference: toReference(text, parts) };
}

interface ReferenceParts {
  /** Registry and path. */
  readonly name: string;
  readonly tag: string;
  readonly digest: string;
}

/** `undefined` when the text does not follow the grammar. */
function splitReference(text: string): ReferenceParts | undefined {
  const at = text.indexOf("@");
  const digest = at === -1 ? "" : text.slice(at + 1);
  if (at !== -1 && !digestText.test(digest)) return undefined;
  const tagged = at === -1 ? text : text.slice(0, at);
  const colon = tagged.indexOf(":", tagged.lastIndexOf("/") + 1);
  const tag = colon === -1 ? "" : tagged.slice(colon + 1);
  if (colon !== -1 && !tagText.test(tag)) return undefined;
  const name = colon === -1 ? tagged : tagged.slice(0, colon);
  return isName(name) ? { name, tag, digest } : undefined;
}

function isName(name: string): boolean {
  const [first = "", ...path] = name.split("/");
  const startsWell = component.test(first) || (path.length > 0 && host.test(first));
  return startsWell && path.every((segment) => component.test(segment));
}

function formatError(text: string): ReferenceError {
  if (text === "") return "repository name must have at least one component";
  const lowered = text.replaceAll("\u0130", "i").toLowerCase(); // Go lowers a dotted capital I to a plain i
  return splitReference(lowered) === undefined
    ? "invalid reference format"
    : "repository name must be lowercase";
}

function toReference(text: string, { name, tag, digest }: ReferenceParts): ImageReference {
  const slash = name.indexOf("/");
  if (slash === -1 && (name.includes(".") || name.startsWith("localhost"))) {
    return { registry: text, namespace: "", name: "", tag: "", id: digest };
  }
  const first = slash === -1 ? "" : name.slice(0, slash);
  const hasRegistry = /[.:]/.test(first) || first === "localhost";
  const path = hasRegistry ? name.slice(slash + 1) : name;
  const end = path.indexOf("/");
  return {
    registry: hasRegistry ? first : "",
    namespace: end === -1 ? "" : path.slice(0, end),
    name: end === -1 ? path : path.slice(end + 1),
    tag,
    id: digest,
  };
}

/** The reference as text, nothing defaulted; the tag is left out when there is a digest. Empty without a name. */
export function exact(reference: ImageReference): string {
  const { registry, namespace } = reference;
  const last = nameString(reference);
  return last === "" ? "" : [registry, namespace, last].filter((part) => part !== "").join("/");
}

/** The last part with digest or tag: `app@sha256:...`, `app:v1`, `app`. */
export function nameString({ name, tag, id }: ImageReference): string {
  if (name === "" || (tag === "" && id === "")) return name;
  return id === "" ? `${name}:${tag}` : `${name}@${id}`;
}

/** As text with the defaults of the Docker client: docker.io, library (on Docker Hub), latest. */
export function withDefaults(reference: ImageReference): string {
  return exact(defaulted(reference));
}

/** As text without tag and digest. */
export function repository(reference: ImageReference): string {
  return exact({ ...reference, tag: "", id: "" });
}

/** Namespace and name: the repository within its registry. */
export function repositoryName(reference: ImageReference): string {
  return repository({ ...reference, registry: "" });
}

/** As text with the digest, else with the tag. */
export function mostSpecific(reference: ImageReference): string {
  return exact(reference.id === "" ? reference : { ...reference, tag: "" });
}

const hubRegistries: readonly string[] = ["docker.io", "index.docker.io", "registry-1.docker.io"];

function defaulted(reference: ImageReference): ImageReference {
  const registry = reference.registry === "" ? "docker.io" : reference.registry;
  const isOnHub = hubRegistries.includes(registry);
  return {
    ...reference,
    registry,
    namespace: reference.namespace === "" && isOnHub ? "library" : reference.namespace,
    tag: reference.tag === "" ? "latest" : reference.tag,
  };
}

/** The registry that a pull secret must be for: `docker.io` for Docker Hub's short forms, with the port where written. */
export function registryHost({ registry }: ImageReference): string {
  return registry === "" || registry === "index.docker.io" ? "docker.io" : registry;
}
