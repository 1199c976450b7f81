/** What tells a file apart from every other one, and from itself after a write. */
export interface FileStat {
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
  /** Device and inode. */
  readonly fileId: string;
}

/**
 * Whether a file is as it was written, judged by its stat: another file with equal content may be another resource's.
 * Links and folders never are.
 */
export function isUntouched(written: FileStat, found: FileStat & { readonly kind: string }): boolean {
  return (
    found.kind === "file" &&
    found.size === written.size &&
    found.mtimeMs === written.mtimeMs &&
    found.fileId === written.fileId
  );
}
