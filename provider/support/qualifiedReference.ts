/**
 * An image reference with the registry and the namespace that Docker Hub's short names leave out:
 * `docker.io/library/nginx:1.27` for `nginx:1.27`. Others stay as they are. CRI-O refuses short names from 1.34 on.
 */
export function qualifiedReference(reference: string): string {
  const slash = reference.indexOf("/");
  const first = slash === -1 ? "" : reference.slice(0, slash);
  const hasRegistry = /[.:]/.test(first) || first === "localhost";
  if (hasRegistry && first !== "docker.io" && first !== "index.docker.io") return reference;
  const path = hasRegistry ? reference.slice(slash + 1) : reference;
  return `docker.io/${path.includes("/") ? path : `library/${path}`}`;
}
