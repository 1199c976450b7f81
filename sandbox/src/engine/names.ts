/** `web` is `docker.io/library/web:latest`; keeps a given digest or tag. */
export function fullName(text: string): string {
  const first = text.split("/")[0] ?? "";
  const hasHost = text.includes("/") && (/[.:]/.test(first) || first === "localhost");
  const withHost = hasHost ? text : `docker.io/${text.includes("/") ? "" : "library/"}${text}`;
  return hasTagOrDigest(text) ? withHost : `${withHost}:latest`;
}

/** As Docker shows it: without `docker.io/` and `library/`. */
export function shortName(full: string): string {
  return full.replace(/^docker\.io\/(?:library\/)?/, "");
}

export function hasTagOrDigest(text: string): boolean {
  return text.includes("@") || text.slice(text.lastIndexOf("/") + 1).includes(":");
}

/** Without tag or digest. */
export function repositoryOf(name: string): string {
  return (name.split("@")[0] ?? "").replace(/:[^/:]*$/, "");
}

/** Names that engines refuse; far simpler than their grammar. */
export function isBadName(text: string): boolean {
  return /[A-Z]/.test(repositoryOf(text)) || /@@|\/\/|\s/.test(text);
}
