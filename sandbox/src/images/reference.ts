/** An image reference as OpenShift reads it: nothing is defaulted, absent parts are empty. */
export interface ImageReference {
  readonly registry: string;
  readonly namespace: string;
  readonly name: string;
  readonly tag: string;
  readonly digest: string;
}

/** The text of the message is the one that the API server puts behind the value. */
export class ReferenceError extends Error {}

const component = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const domain =
  /^(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::[0-9]+)?$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const digestPattern = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const digestLengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };
const maximumNameLength = 255;

export function parseReference(text: string): ImageReference {
  const parts = splitReference(text);
  if (!hasGrammar(parts)) {
    if (text === "") throw new ReferenceError("repository name must have at least one component");
    if (hasGrammar(splitReference(text.toLowerCase())))
      throw new ReferenceError("repository name must be lowercase");
    throw new ReferenceError("invalid reference format");
  }
  const { path, tag = "", digest = "" } = parts;
  if (path.length > maximumNameLength) {
    throw new ReferenceError(`repository name must not be more than ${maximumNameLength} characters`);
  }
  if (digest !== "") checkDigest(digest);
  const slash = path.indexOf("/");
  // A single word with a dot counts as a registry, with everything that follows it: there is no name then.
  if (slash < 0 && (path.includes(".") || path.startsWith("localhost"))) {
    return { registry: text, namespace: "", name: "", tag: "", digest };
  }
  const first = slash < 0 ? "" : path.slice(0, slash);
  const isRegistry = /[.:]/.test(first) || first === "localhost";
  const repository = isRegistry ? path.slice(slash + 1) : path;
  const nextSlash = repository.indexOf("/");
  return {
    registry: isRegistry ? first : "",
    namespace: nextSlash < 0 ? "" : repository.slice(0, nextSlash),
    name: nextSlash < 0 ? repository : repository.slice(nextSlash + 1),
    tag,
    digest,
  };
}

interface ReferenceParts {
  readonly path: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

function splitReference(text: string): ReferenceParts {
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const rest = at < 0 ? text : text.slice(0, at);
  const colon = rest.indexOf(":", rest.lastIndexOf("/") + 1);
  return {
    path: colon < 0 ? rest : rest.slice(0, colon),
    tag: colon < 0 ? undefined : rest.slice(colon + 1),
    digest,
  };
}

function hasGrammar({ path, tag, digest }: ReferenceParts): boolean {
  const [first = "", ...others] = path.split("/");
  const isFirstAllowed = component.test(first) || (others.length > 0 && domain.test(first));
  return (
    isFirstAllowed &&
    others.every((part) => component.test(part)) &&
    (tag === undefined || tagPattern.test(tag)) &&
    (digest === undefined || digestPattern.test(digest))
  );
}

function checkDigest(digest: string): void {
  const colon = digest.indexOf(":");
  const length = digestLengths[digest.slice(0, colon)];
  if (length === undefined) throw new ReferenceError("unsupported digest algorithm");
  if (digest.length - colon - 1 !== length) throw new ReferenceError("invalid checksum digest length");
}

const dockerHubHosts = ["", "docker.io", "index.docker.io", "registry-1.docker.io"];

/** The host of the reference, as written or docker.io. */
export function registryHost(reference: ImageReference): string {
  return reference.registry === "" ? "docker.io" : reference.registry;
}

/** `host/namespace/name`, with Docker Hub's defaults: what two references to one repository have in common. */
export function repositoryKey(reference: ImageReference): string {
  return `${registryHost(reference)}/${repositoryPath(reference)}`;
}

/** The repository's name within its registry. */
export function repositoryPath(reference: ImageReference): string {
  const { namespace, name, registry } = reference;
  if (namespace !== "") return `${namespace}/${name}`;
  return dockerHubHosts.includes(registry) ? `library/${name}` : name;
}

/** The repository as written, without tag and digest. */
export function writtenRepository({ registry, namespace, name }: ImageReference): string {
  return [registry, namespace, name].filter((part) => part !== "").join("/");
}

/** Where the registry of a reference is found on the network. */
export function networkHost(reference: ImageReference): string {
  const host = registryHost(reference);
  return host === "docker.io" || host === "index.docker.io" ? "registry-1.docker.io" : host;
}

/** Whether `*` and `?` in a pattern make it match a text; all the ways at once, so that nothing is tried twice. */
export function matchesWildcards(pattern: string, text: string): boolean {
  let reached = [true, ...new Array<boolean>(text.length).fill(false)];
  for (const each of pattern) {
    let isReached = false;
    reached = reached.map((here, at) => {
      const before = at > 0 && reached[at - 1] === true;
      isReached = each === "*" ? isReached || here : before && (each === "?" || each === text[at - 1]);
      return isReached;
    });
  }
  return reached[text.length] === true;
}
