import { dnsLabel } from "../../support/text/dnsLabel.js";

/** A stream as an argument names it; without a namespace it is in the one of the resource. */
interface NamedStream {
  readonly namespace: string | undefined;
  readonly stream: string;
}

/** Tag names as `oc tag` accepts them; the server itself would store anything (facts/image-streams.md 9). */
export const tagName = /^\w[\w.-]{0,127}$/;
/** Object names of image streams (facts/image-streams.md 10). */
export const streamNames = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** A digest or its beginning: the server answers some image to an empty one (facts/image-streams.md 21). */
const digestStart = /^(?:sha256:)?[0-9a-f]{6,64}$/;

/** Reads `stream:tag` and `namespace/stream:tag`. */
export function parseStreamTag(text: string): (NamedStream & { readonly tag: string }) | undefined {
  const { stream, rest } = splitAt(text, ":");
  return stream === undefined || !tagName.test(rest) ? undefined : { ...stream, tag: rest };
}

/** Reads `stream@digest` and `namespace/stream@digest`; six hexadecimal digits of the digest are enough. */
export function parseStreamImage(text: string): (NamedStream & { readonly image: string }) | undefined {
  const { stream, rest } = splitAt(text, "@");
  return stream === undefined || !digestStart.test(rest) ? undefined : { ...stream, image: rest };
}

/** The stream of the resource; its namespace may come from the connection. */
export interface OwnStream {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

type ParsedAlias =
  | { readonly kind: "tag"; readonly tag: string }
  /** The server does not follow tags of other streams (facts/image-streams.md 17). */
  | { readonly kind: "elsewhere" }
  | { readonly kind: "invalid" };

/** Reads what an alias in the stream `own` names: `v1`, or with the stream's name before it. */
export function parseAlias(text: string, own: OwnStream): ParsedAlias {
  if (tagName.test(text)) return { kind: "tag", tag: text };
  const named = parseStreamTag(text);
  if (named === undefined) return { kind: "invalid" };
  const { namespace = own.namespace } = named;
  const isOwn = named.stream === own.name && namespace === own.namespace;
  return isOwn ? { kind: "tag", tag: named.tag } : { kind: "elsewhere" };
}

function splitAt(
  text: string,
  separator: ":" | "@",
): { readonly stream: NamedStream | undefined; readonly rest: string } {
  const at = text.indexOf(separator);
  const names = (at < 0 ? "" : text.slice(0, at)).split("/");
  const stream = names.at(-1) ?? "";
  const namespace = names.length === 1 ? undefined : names[0];
  const isValid =
    names.length <= 2 && streamNames.test(stream) && (namespace === undefined || dnsLabel.test(namespace));
  return { stream: isValid ? { namespace, stream } : undefined, rest: text.slice(at + 1) };
}
