import { isSha256Digest } from "../digest.js";

/** Tag names of the distribution spec. */
export const tagName = /^\w[\w.-]{0,127}$/;

/** An ID as engines take it: `sha256:` and hex, or hex alone, shortened to 12 digits at least. */
export function isImageId(reference: string): boolean {
  return isSha256Digest(reference) || /^[0-9a-f]{12,64}$/.test(reference);
}

/** The reference with a tag, unless it has one, a digest, or is an ID. */
export function withTag(reference: string, tag: string): string {
  if (isImageId(reference) || reference.includes("@") || tagOf(reference) !== "") return reference;
  return `${reference}:${tag}`;
}

/** Empty when there is none; a port is no tag. */
export function tagOf(reference: string): string {
  const [name = ""] = reference.split("@");
  const colon = name.lastIndexOf(":");
  return colon > name.lastIndexOf("/") ? name.slice(colon + 1) : "";
}

/** `shop/web:v1`, `web:v1`; without a tag the whole stream; tags may be globs. Undefined when it is none of these. */
export function readStreamName(
  text: string,
): { readonly namespace: string | undefined; readonly name: string; readonly tags: string } | undefined {
  const match = /^(?:([a-z0-9][-a-z0-9]*)\/)?([a-z0-9]+(?:[._-][a-z0-9]+)*)(?::([^/:@]+))?$/.exec(text);
  const [, namespace, name, tags = "*"] = match ?? [];
  return name === undefined ? undefined : { namespace, name, tags };
}

/** Names in the archive: the reference itself where it has a tag, without its digest. An ID has none. */
export function archiveNames(reference: string, as: string | undefined): readonly string[] {
  if (as !== undefined) return [as];
  if (isImageId(reference) || tagOf(reference) === "") return [];
  return [reference.split("@")[0] ?? reference];
}

/** Repository of a reference, so that `@digest` can be appended. */
export function repositoryOf(reference: string): string {
  const [name = ""] = reference.split("@");
  const tag = tagOf(name);
  return tag === "" ? name : name.slice(0, -tag.length - 1);
}

/** The first part of a repository; undefined where there is none. */
export function hostOfRepository(repository: string | undefined): string | undefined {
  const [host] = (repository ?? "").split("/");
  return host === "" ? undefined : host;
}

/** For messages: without what stands between `://` and `@`, where people write passwords. */
export function withoutUserinfo(text: string): string {
  const scheme = text.indexOf("://");
  if (scheme === -1) return text;
  return text.slice(0, scheme + 3) + text.slice(scheme + 3).replace(/^.*@(?!sha\d+:)/s, "***@");
}
