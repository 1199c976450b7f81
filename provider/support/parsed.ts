/** A problem with an argument; `path` is where the user wrote it. */
export interface ArgumentIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export type Parsed<Args> =
  | { readonly ok: true; readonly args: Args }
  | { readonly ok: false; readonly issues: readonly ArgumentIssue[] };
