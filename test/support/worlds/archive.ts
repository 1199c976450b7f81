import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type EngineVersion,
  type Sandbox,
  type SandboxEngine,
  type SandboxOptions,
  startEngine,
  startSandbox,
} from "okd-image-sandbox";
import type { ArchiveArgs } from "../../../provider/archive/args/parsed.js";
import { createArchiveHandler } from "../../../provider/archive/handler.js";
import type { ArchiveContent } from "../../../provider/archive/outputs.js";
import type { ArchivePorts } from "../../../provider/archive/ports.js";
import { createClusterConnector } from "../../../provider/cluster/connection/open.js";
import type { Connector } from "../../../provider/lifecycle/session.js";
import { createFileClaims, type FileClaims } from "../../../provider/support/files/claims.js";
import { createArchiveFiles } from "../../../provider/tarball/archiveFiles.js";
import type { Disk } from "../../../provider/tarball/file/atomic.js";
import { createArchiveSources } from "../../../provider/wiring/archive.js";
import { FakePulumi } from "../fakes/pulumi.js";

/** A sandbox with a registry and an integrated one, and a folder for archives. */
export interface ArchiveWorld {
  readonly sandbox: Sandbox;
  readonly connection: Readonly<Record<string, unknown>>;
  /** Folder that paths in arguments are relative to. */
  readonly folder: string;
  /** Path of `web.tar`, or of this file, in the folder. */
  file(name?: string): string;
  /** Of that file, hex. */
  sha256(name?: string): string;
  /** Host of the registry, as references have it. */
  readonly host: string;
  pulumi(name?: string): FakePulumi<ArchiveArgs, ArchivePorts>;
  /** Engines of resources that one process serves, as those of one program in one phase. */
  oneProcess(claims?: FileClaims): (name: string) => FakePulumi<ArchiveArgs, ArchivePorts>;
  /** Publishes `<host>/acme/web:<tag>`; answers the digest. */
  publish(tag: string, content?: string): string;
  /** A container engine; it ends with the world. */
  container(version: EngineVersion): Promise<SandboxEngine>;
  close(): Promise<void>;
}

export interface ArchiveWorldOptions {
  /** What archives are written to, instead of the real one. */
  readonly disk?: Disk;
  readonly sandbox?: SandboxOptions;
}

export async function startArchiveWorld(options: ArchiveWorldOptions = {}): Promise<ArchiveWorld> {
  const { disk } = options;
  const sandbox = await startSandbox({
    namespaces: ["shop"],
    registries: { open: { protocol: "http" } },
    ...(options.sandbox?.registryRemoved === true ? {} : { integratedRegistry: {} }),
    ...options.sandbox,
  });
  const folder = mkdtempSync(join(tmpdir(), "archive-world-"));
  const file = (name = "web.tar") => join(folder, name);
  const clusters = createClusterConnector();
  /** As in a process of its own. */
  const connector = (): Connector<ArchivePorts> => {
    const sources = createArchiveSources(() => undefined);
    return {
      issues: (connection) => clusters.issues(connection),
      open: (connection, config) =>
        Promise.resolve({
          ...sources((signal) => clusters.open(connection, config, signal)),
          files: createArchiveFiles(disk),
        }),
    };
  };
  const containers: SandboxEngine[] = [];
  return {
    sandbox,
    connection: { host: sandbox.url, token: sandbox.adminToken, caCert: sandbox.certificateAuthority },
    folder,
    file,
    sha256: (name) =>
      createHash("sha256")
        .update(readFileSync(file(name)))
        .digest("hex"),
    host: new URL(sandbox.registry().url).host,
    pulumi: (name = "bundle") =>
      new FakePulumi(() => createArchiveHandler({ baseFolder: folder }), connector, name),
    oneProcess(claims = createFileClaims()) {
      const [handler, connection] = [createArchiveHandler({ baseFolder: folder, claims }), connector()];
      return (name) =>
        new FakePulumi(
          () => handler,
          () => connection,
          name,
        );
    },
    publish: (tag, content = tag) => sandbox.registry().publishImage("acme/web", tag, { content }).digest,
    async container(version) {
      const container = await startEngine({ version });
      containers.push(container);
      return container;
    },
    async close() {
      await Promise.all(containers.map((container) => container.close()));
      rmSync(folder, { recursive: true, force: true });
      await sandbox.close();
    },
  };
}

export function contentIn(bag: { readonly content?: unknown }): ArchiveContent {
  return bag.content as ArchiveContent;
}
