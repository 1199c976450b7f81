import { isSha256Digest } from "../digest.js";
import {
  type ImageReference,
  parseReference,
  type ReferenceError,
  registryHost,
  repository,
  repositoryName,
} from "./reference.js";

/** A verdict on something to be imported; `reason` and `warnings` are sentences for the user that quote the text. */
export type ImportSource =
  | { readonly ok: true; readonly reference: ImageReference; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly reason: string };

/** Characters; longer than any name with tag and digest. */
const maxSourceLength = 700;
const maxNameLength = 255;

/**
 * Judges a text as the source of an import. Stricter than `parseReference`: on the server library-go's parser reads the
 * text, and then distribution's, and the two disagree in places. What one of them refuses or reads differently is refused
 * here, with the way to write it (facts/pull-specs.md 1, 4, 5). A tag beside a digest is kept.
 */
export function importSource(text: string): ImportSource {
  const early = textProblem(text);
  if (early !== undefined) return { ok: false, reason: early };
  const parsed = parseReference(text);
  if (!parsed.ok) return { ok: false, reason: grammarProblem(text, parsed.error) };
  const { reference } = parsed;
  const reason =
    nameProblem(text, reference) ?? hostProblem(text, reference) ?? digestReason(text, reference);
  return reason === undefined
    ? { ok: true, reference, warnings: warningsAbout(text, reference) }
    : { ok: false, reason };
}

function textProblem(text: string): string | undefined {
  if (text === "") return "the image is empty";
  if (text.length > maxSourceLength) return `${quote(text)} is longer than ${maxSourceLength} characters`;
  if (text.trim() !== text) return `${quote(text)} has blanks or line breaks around it`;
  const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\//.exec(text)?.[0];
  if (scheme !== undefined) return `${quote(text)} begins with a scheme: write ${text.slice(scheme.length)}`;
  if (text.startsWith("["))
    return `${quote(text)} names an IPv6 address, which OpenShift cannot import from: use a host name`;
  if (/^[0-9a-f]{64}$/.test(text))
    return `${quote(text)} is an image ID: write repository@sha256:${text.slice(0, 8)}...`;
  return undefined;
}

function grammarProblem(text: string, error: ReferenceError): string {
  switch (error) {
    case "repository name must be lowercase":
      return `${quote(text)} has upper case letters, and repository names are lower case`;
    case "repository name must not be more than 255 characters":
      return `${quote(text)} has a name of more than ${maxNameLength} characters`;
    case "unsupported digest algorithm":
      return `${quote(text)} has a digest that is not sha256`;
    case "invalid checksum digest length":
      return `${quote(text)} has a digest of the wrong length: sha256 has 64 digits`;
    case "invalid reference format":
    case "repository name must have at least one component":
      return `${quote(text)} is not an image reference ([host[:port]/]path[:tag][@sha256:digest])${digestHint(text)}`;
  }
}

function digestHint(text: string): string {
  return text.includes("@") ? "; what follows @ must be sha256: and 64 digits" : "";
}

function nameProblem(text: string, reference: ImageReference): string | undefined {
  if (reference.name === "") {
    const advice = `for an image of Docker Hub write docker.io/library/${text}`;
    return `${quote(text)} names a registry and no image; ${advice}`;
  }
  const [first = ""] = text.split("/");
  if (reference.registry === "" && /[A-Z]/.test(first) && text.includes("/")) {
    return `${quote(text)} is ambiguous: OpenShift takes ${first} for a namespace of Docker Hub and then for a host; write it in lower case`;
  }
  if (expandedName(reference).length > maxNameLength) {
    return `${quote(text)} has a name of more than ${maxNameLength} characters, host included (docker.io/ where none is written)`;
  }
  return undefined;
}

/** Registry and path as distribution's parser counts them. */
function expandedName(reference: ImageReference): string {
  const registry = registryHost(reference);
  const isOfficial = registry === "docker.io" && reference.namespace === "";
  return repository({ ...reference, registry, namespace: isOfficial ? "library" : reference.namespace });
}

function hostProblem(text: string, { registry }: ImageReference): string | undefined {
  if (registry.includes("_"))
    return `${quote(text)}: ${registry} is not a host name, because of the underscore`;
  const port = /:(\d+)$/.exec(registry)?.[1];
  if (port === undefined || (Number(port) >= 1 && Number(port) <= 65535)) return undefined;
  return `${quote(text)} has the port ${port.slice(0, 20)}: ports go from 1 to 65535`;
}

function digestReason(text: string, { id }: ImageReference): string | undefined {
  if (id === "" || isSha256Digest(id)) return undefined;
  if (!id.startsWith("sha256:"))
    return `${quote(text)} has a ${id.split(":")[0]} digest: OpenShift imports by sha256 only`;
  return `${quote(text)} has a digest with upper case digits: write it in lower case`;
}

function warningsAbout(text: string, reference: ImageReference): readonly string[] {
  const { registry, namespace, name, tag, id } = reference;
  const warnings: string[] = [];
  if (/[A-Z]/.test(registry)) {
    warnings.push(
      `${quote(text)}: pull secrets and Docker Hub's defaults tell ${registry} from ${registry.toLowerCase()}`,
    );
  }
  if (registry.endsWith(":443")) {
    warnings.push(`${quote(text)}: a pull secret for it must have :443 in its key as well`);
  }
  if (registry === "" && namespace !== "" && name.includes("/")) {
    warnings.push(
      `${quote(text)}: ${namespace} has neither dot nor port, so this is docker.io/${repositoryName(reference)}`,
    );
  }
  if (registry === "" && name === "sha256" && /^[0-9a-f]{64}$/.test(tag)) {
    warnings.push(
      `${quote(text)} is read as tag ${tag.slice(0, 8)}... of docker.io/library/sha256; was a digest meant?`,
    );
  }
  if (tag !== "" && id !== "")
    warnings.push(`${quote(text)}: the digest decides and the tag ${tag} is not looked at`);
  return warnings;
}

function quote(text: string): string {
  return text.length > 120 ? `"${text.slice(0, 120)}..."` : JSON.stringify(text);
}
