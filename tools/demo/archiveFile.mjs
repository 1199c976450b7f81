// The exported file as somebody sees it who knows nothing of the package under demonstration.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";

export function archiveFile(path) {
  return {
    path,
    exists: () => existsSync(path),
    sha256: () => sha256(readFileSync(path)),
    size: () => statSync(path).size,
    /** Changes with every write, and with every new file. */
    version: () => {
      const { ino, mtimeMs, size } = statSync(path);
      return { ino, mtimeMs, size };
    },
    /** The digest of what the archive holds under this digest; undefined when it holds nothing there. */
    digestOf(digest) {
      const member = `blobs/${digest.replace(":", "/")}`;
      const { status, stdout } = spawnSync("tar", ["-xOf", path, member]);
      return status === 0 ? `sha256:${sha256(stdout)}` : undefined;
    },
  };
}

function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}
