/** `web` is `docker.io/library/web:latest`; a digest or tag that is there stays. */
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

/** What engines refuse as a name; far simpler than their grammar. */
export function isBadName(text: string): boolean {
  return /[A-Z]/.test(repositoryOf(text)) || /@@|\/\/|\s/.test(text);
}
