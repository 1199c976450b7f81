/**
 * A name of an image in full, so that what Docker, podman and skopeo write for one name is equal: `nginx`, `nginx:latest`
 * and `docker.io/library/nginx:latest` are `docker.io/library/nginx:latest`. A digest stands for itself; `localhost/x` is a
 * host of its own.
 */
export function archiveName(name: string): string {
  const [beforeDigest, digest] = splitOnce(name, "@");
  const slash = beforeDigest.lastIndexOf("/");
  const colon = beforeDigest.indexOf(":", slash + 1);
  const repository = colon === -1 ? beforeDigest : beforeDigest.slice(0, colon);
  const tag = colon === -1 ? "" : beforeDigest.slice(colon);
  const full = withHost(repository);
  if (digest !== undefined) return `${full}${tag}@${digest}`;
  return `${full}${tag === "" ? ":latest" : tag}`;
}

/** The tag of a name in full; the digest where it has no tag. */
export function archiveTag(fullName: string): string {
  const [beforeDigest, digest = ""] = splitOnce(fullName, "@");
  const [, tag] = splitOnce(beforeDigest.slice(beforeDigest.lastIndexOf("/") + 1), ":");
  return tag ?? digest;
}

function withHost(repository: string): string {
  const [first, rest] = splitOnce(repository, "/");
  if (rest === undefined) return `docker.io/library/${repository}`;
  const isHost = /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  if (!isHost) return `docker.io/${repository}`;
  if (first !== "docker.io" && first !== "index.docker.io") return repository;
  return rest.includes("/") ? `docker.io/${rest}` : `docker.io/library/${rest}`;
}

function splitOnce(text: string, separator: string): readonly [string, string?] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
