import { isMissing } from "../../support/files/place.js";
import { ImageError, isImageError, systemCode } from "../../support/imageError.js";
import { formatByteSize } from "../../support/text/units.js";

/** Undefined when there is nothing at the path, or above it. */
export async function unlessAbsent<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * What a failed system call means for the archive.
 * @param attempt - what was attempted, as in `Writing the archive`
 */
export function fileError(error: unknown, attempt: string, path: string): ImageError {
  if (isImageError(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  switch (systemCode(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return new ImageError(
        "ARCHIVE_DISK_FULL",
        `${attempt} ${path} failed: there is no space left (${reason}). What stood at this path still does. Make room and run again`,
        { cause: error },
      );
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new ImageError(
        "ARCHIVE_PATH",
        `${attempt} ${path} failed: the user of this process lacks the right (${reason}). Change the rights, or path`,
        { cause: error },
      );
    case "ENAMETOOLONG":
      return new ImageError(
        "ARCHIVE_PATH",
        `${attempt} ${path} failed: its file system does not take so long a name (${reason}). Choose a shorter path`,
        { cause: error },
      );
    default:
      return new ImageError("ARCHIVE_FILE", `${attempt} ${path} failed: ${reason}`, { cause: error });
  }
}

/** For a check before anything is written; bytes. */
export function diskFull(path: string, needed: number, free: number): ImageError {
  return new ImageError(
    "ARCHIVE_DISK_FULL",
    `Writing the archive ${path} needs ${formatByteSize(needed)} (${needed} bytes), but its file system has only ${formatByteSize(free)} free. Nothing was changed. Make room: the old file stays until the new one is complete`,
  );
}
