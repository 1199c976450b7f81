import { importSource } from "./importSource.js";
import { registryHost, repositoryName } from "./reference.js";

/** What is pulled, and by which name; nothing is left to default. */
export interface PullReference {
  /** `docker.io` for all of Docker Hub's names; with the port where one is written. Lower case. */
  readonly host: string;
  /** Path in the registry: `library/nginx`. */
  readonly repository: string;
  /** `latest` where the text names none; beside a digest it is a name and no more. */
  readonly tag: string | undefined;
  /** Wins over the tag. */
  readonly digest: string | undefined;
}

export type PullReferenceVerdict =
  | { readonly ok: true; readonly reference: PullReference }
  /** `reason` is a sentence that quotes the text. */
  | { readonly ok: false; readonly reason: string };

/** Reads a reference with the defaults of the Docker client (facts/pull-specs.md 6), as strictly as those of imports. */
export function pullReference(text: string): PullReferenceVerdict {
  const source = importSource(text);
  if (!source.ok) return source;
  const { reference } = source;
  const digest = reference.id === "" ? undefined : reference.id;
  const tag = reference.tag === "" ? undefined : reference.tag;
  const host = registryAlias(registryHost(reference).toLowerCase());
  const path = repositoryName(reference);
  const repository = host === "docker.io" && !path.includes("/") ? `library/${path}` : path;
  return {
    ok: true,
    reference: { host, repository, tag: tag ?? (digest === undefined ? "latest" : undefined), digest },
  };
}

/** One name for a registry that has several. */
export function registryAlias(host: string): string {
  return host === "index.docker.io" || host === "registry-1.docker.io" ? "docker.io" : host;
}

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
