import { ImageError } from "../support/imageError.js";

/** The server refuses a stream because of what one of its tags takes its image from (facts/image-streams.md 19, 21, 22). */
export class RefusedSourceError extends ImageError {
  /** The tag of the stream. */
  readonly tag: string;
  readonly refusal: SourceRefusal;

  constructor(refused: RefusedSource, message: string, options: { readonly cause: unknown }) {
    super(refused.refusal === "forbidden" ? "SOURCE_FORBIDDEN" : "SOURCE_NOT_FOUND", message, options);
    this.tag = refused.tag;
    this.refusal = refused.refusal;
  }
}

/** Why the server does not take an image of another stream. */
export type SourceRefusal = "forbidden" | "notFound";

interface RefusedSource {
  readonly tag: string;
  readonly refusal: SourceRefusal;
}

/** Reads `spec.tags[prod].from: Forbidden: dev/app` in the message of a 422 (recorded in conformance/okd-api/tags). */
export function refusedSource(message: string): RefusedSource | undefined {
  const match = /spec\.tags\[([\w.-]{1,128})\]\.from(?:\.name)?: (Forbidden|Not found|Invalid value)/.exec(
    message,
  );
  if (match === null) return undefined;
  const [, tag = "", reason = ""] = match;
  return { tag, refusal: reason === "Forbidden" ? "forbidden" : "notFound" };
}
