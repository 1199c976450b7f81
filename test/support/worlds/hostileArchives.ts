import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ArchiveArgs } from "../../../provider/archive/args/parsed.js";
import { createArchiveHandler } from "../../../provider/archive/handler.js";
import type { ArchivePorts } from "../../../provider/archive/ports.js";
import type { Connector } from "../../../provider/lifecycle/session.js";
import type { PullLimits } from "../../../provider/registry/settings/hosts.js";
import { createArchiveSources } from "../../../provider/wiring/archive.js";
import { FakePulumi } from "../fakes/pulumi.js";
import { pullerWith, type PullRegistry, startPullRegistry } from "../servers/pullRegistry.js";

/** Archives of a registry that does whatever a test wants, in a folder of their own. */
export interface HostileArchives {
  readonly server: PullRegistry;
  /** Folder that paths in arguments are relative to. */
  readonly folder: string;
  file(name?: string): string;
  /** Hex. */
  sha256(name?: string): string;
  /** Names, sorted. */
  list(): readonly string[];
  /** `web.tar` of `<registry>/acme/web:v1`. */
  args(more?: object): object;
  pulumi(name?: string): FakePulumi<ArchiveArgs, ArchivePorts>;
  close(): Promise<void>;
}

export async function startHostileArchives(limits: Partial<PullLimits> = {}): Promise<HostileArchives> {
  const server = await startPullRegistry();
  const folder = mkdtempSync(join(tmpdir(), "archive-hostile-"));
  const file = (name = "web.tar") => join(folder, name);
  /** As in a process of its own. */
  const connector = (): Connector<ArchivePorts> => {
    const ports = createArchiveSources(() => undefined)(() =>
      Promise.reject(new Error("there is no cluster")),
    );
    const registry: ArchivePorts["registry"] = (args) =>
      Promise.resolve(pullerWith({ registries: args, limits }).registry);
    return { issues: () => Promise.resolve([]), open: () => Promise.resolve({ ...ports, registry }) };
  };
  return {
    server,
    folder,
    file,
    sha256: (name) =>
      createHash("sha256")
        .update(readFileSync(file(name)))
        .digest("hex"),
    list: () => readdirSync(folder).sort(),
    args: (more = {}) => ({ path: "web.tar", images: [`${server.host}/acme/web:v1`], ...more }),
    pulumi: (name = "bundle") =>
      new FakePulumi(() => createArchiveHandler({ baseFolder: folder }), connector, name),
    async close() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A run after `prepare` fails with this, and has changed nothing; the next one, after `repair`, succeeds. */
export async function failsWithoutLoss(
  archives: HostileArchives,
  args: object,
  {
    message,
    prepare,
    repair,
  }: { readonly message: RegExp; readonly prepare: () => unknown; readonly repair: () => unknown },
): Promise<void> {
  const pulumi = archives.pulumi();
  await pulumi.up(args);
  const [old, files] = [archives.sha256(), archives.list()];
  prepare();
  await assert.rejects(pulumi.up(args), message);
  assert.deepEqual(archives.list(), files);
  assert.equal(archives.sha256(), old);

  archives.server.intercept = () => false;
  repair();
  await pulumi.up(args);
  assert.notEqual(archives.sha256(), old);
  assert.equal((await pulumi.preview(args)).step, "same");
}

/** A run after `prepare` writes another archive, and the next one has nothing to do. */
export async function rewrites(
  archives: HostileArchives,
  args: object,
  prepare: () => unknown,
): Promise<void> {
  const pulumi = archives.pulumi();
  await pulumi.up(args);
  const [old, files] = [archives.sha256(), archives.list()];
  prepare();
  await pulumi.up(args);
  assert.deepEqual(archives.list(), files);
  assert.notEqual(archives.sha256(), old);
  assert.equal((await pulumi.preview(args)).step, "same");
}
