import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { applyAgain, type ArgumentRows, codeOf, row } from "../../support/documented/argumentRow.js";
import { type ArchiveScene, textOf } from "../../support/worlds/arguments/archive.js";

/** Arguments about the file that is written. */
export function fileRows(scene: () => ArchiveScene): ArgumentRows {
  const up = (more: object, path?: string) => scene().up(more, path);
  const fileOf = async (more: object) => readFileSync((await up(more)).path);
  const afterDestroy = async (more: object) => {
    const { pulumi, path } = await up(more);
    await pulumi.destroy();
    return existsSync(path);
  };
  const overForeign = async (more: object) => {
    const path = scene().newPath();
    writeFileSync(path, "somebody else's");
    return codeOf(await up(more, path));
  };
  const secondStep = (between: (path: string) => void) => async (more: object) => {
    const { pulumi, path } = await up(more);
    between(path);
    return (await applyAgain(pulumi, scene().args(path, more))).step;
  };
  const triggered = async (more: object) => {
    const { pulumi, path } = await up({});
    const before = statSync(path).ino;
    await applyAgain(pulumi, scene().args(path, more));
    return statSync(path).ino === before ? "kept" : "written again";
  };
  /** A byte that the file's times do not tell. */
  const changeQuietly = (path: string) => {
    const reference = `${path}.times`;
    execFileSync("touch", ["-r", path, reference]);
    const bytes = readFileSync(path);
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    execFileSync("touch", ["-r", reference, path]);
  };
  const whileSlow = (path: string, verb: "create" | "update") => async (more: object) => {
    const { faults } = scene().sandbox;
    const made = verb === "update" ? await up(more) : undefined;
    const id = faults.add({ server: "open", path, times: 0, effect: { kind: "delay", milliseconds: 900 } });
    try {
      if (made === undefined) return codeOf(await up(more));
      return codeOf(await applyAgain(made.pulumi, scene().args(made.path, { ...more, triggers: [1] })));
    } finally {
      faults.remove(id);
    }
  };
  /** While a process that does not say who it is seems to be writing the archive, which is waited for. */
  const destroyed = async (more: object) => {
    const { pulumi, path } = await up(more);
    writeFileSync(join(scene().folder, `.${basename(path)}.lock`), "");
    return await pulumi.destroy().then(
      () => "ok",
      (error: unknown) => codeOf({ failure: (error as Error).message }),
    );
  };
  return {
    path: row(
      () => ({ path: join(scene().folder, "its-own.tar") }),
      false,
      true,
      async (more) => (await up(more), existsSync(join(scene().folder, "its-own.tar"))),
    ),
    format: row({ format: "oci-archive" }, true, false, async (more) =>
      textOf((await up(more)).path).includes("manifest.json"),
    ),
    compression: row(
      { compression: "gzip" },
      false,
      true,
      async (more) => (await fileOf(more)).readUInt16BE(0) === 0x1f8b,
    ),
    fileMode: row(
      { fileMode: "0640" },
      0o600,
      0o640,
      async (more) => statSync((await up(more)).path).mode & 0o777,
    ),
    createDirectories: row({ createDirectories: true }, "ARCHIVE_PATH", "ok", async (more) => {
      const path = join(scene().folder, "new/folder/web.tar");
      const code = codeOf(await up(more, path));
      rmSync(dirname(path), { recursive: true, force: true });
      return code;
    }),
    overwriteUnmanaged: row({ overwriteUnmanaged: true }, "ARCHIVE_UNMANAGED", "ok", overForeign),
    onDestroy: row({ onDestroy: "keep" }, false, true, afterDestroy),
    onMissing: row(
      { onMissing: "ignore" },
      "update",
      "same",
      secondStep((path) => rmSync(path)),
    ),
    manifest: row({ manifest: true }, false, true, async (more) =>
      existsSync(`${(await up(more)).path}.json`),
    ),
    verify: row({ verify: "digest" }, "same", "update", secondStep(changeQuietly)),
    triggers: row({ triggers: ["again"] }, "kept", "written again", triggered),
    "timeouts.check": row(
      { timeouts: { check: 0.2 } },
      "ok",
      "DEADLINE_EXCEEDED",
      whileSlow("/manifests/", "create"),
    ),
    "timeouts.create": row(
      { timeouts: { create: 0.2 } },
      "ok",
      "DEADLINE_EXCEEDED",
      whileSlow("/blobs/", "create"),
    ),
    "timeouts.update": row(
      { timeouts: { update: 0.2 } },
      "ok",
      "DEADLINE_EXCEEDED",
      whileSlow("/blobs/", "update"),
    ),
    "timeouts.delete": row({ timeouts: { delete: 0.2 } }, "ok", "DEADLINE_EXCEEDED", destroyed),
  };
}
