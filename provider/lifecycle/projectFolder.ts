import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

const projectFiles = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"];

/**
 * The folder of the project's Pulumi.yaml, which paths in arguments are relative to. A provider process runs in the
 * folder of the project's `main`, which may lie below it; without a project file it is that folder itself.
 */
export function projectFolder(start: string = currentFolder()): string {
  let folder = start;
  while (!projectFiles.some((file) => existsSync(join(folder, file)))) {
    const parent = dirname(folder);
    if (parent === folder) return start;
    folder = parent;
  }
  return folder;
}

/** `process.cwd()` throws in a folder that has been removed; what is read or written there then fails by its own name. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    return process.env.PWD ?? "/";
  }
}
