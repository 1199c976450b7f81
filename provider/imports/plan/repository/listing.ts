import { failureOf, type ImportFailure, type ImportRow, readRow } from "../../failure/explain.js";
import type { RepositoryAnswer } from "../../repositories.js";

/** The tags of a repository upstream. */
export interface Listing {
  readonly kind: "listed";
  readonly tags: ReadonlySet<string>;
  /** Images that the answer brought along, by tag. */
  readonly rows: ReadonlyMap<string, ImportRow>;
}

export type ListingRead = Listing | { readonly kind: "failed"; readonly failure: ImportFailure };

/**
 * Whatever the status says, an answer with tags is a list: it reports a failure where the image of a single tag could not be
 * read. A list without any tag is none, so that what it would make vanish is kept.
 */
export function readListing({ status, images, additionalTags }: RepositoryAnswer): ListingRead {
  const rows = new Map(
    images.flatMap((row) => (row.tag === undefined ? [] : [[row.tag, readRow(row)] as const])),
  );
  const tags = new Set([...rows.keys(), ...additionalTags]);
  if (tags.size > 0) return { kind: "listed", tags, rows };
  if (status.status === "Success") {
    return {
      kind: "failed",
      failure: { code: "IMPORT_NOT_FOUND", message: "it has no tags", transient: false },
    };
  }
  return { kind: "failed", failure: failureOf({ status }) };
}
