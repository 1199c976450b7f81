/**
 * The code behind the resources. The stubs in users' state require this module by its name for years: the exports below are
 * never renamed.
 */
import "./support/requireNode.js";
import { randomBytes } from "node:crypto";
import { createArchiveHandler } from "./archive/handler.js";
import { createImportHandler } from "./imports/handler.js";
import { createHandOver } from "./lifecycle/cli/handOver.js";
import { createHooks, type Hooks } from "./lifecycle/dynamicProvider.js";
import { projectFolder } from "./lifecycle/projectFolder.js";
import { createPruneHandler } from "./prune/handler.js";
import { createFileClaims } from "./support/files/claims.js";
import { archiveSources, importClusters, pruneClusters, runtime } from "./wiring/runtime.js";

const baseFolder = projectFolder();
const claims = createFileClaims();
const newClaim = () => randomBytes(8).toString("hex");

export const importedImageStream: Hooks = createHooks(
  createImportHandler({ newClaim, handOver: createHandOver() }),
  importClusters,
  runtime,
);

export const imagePrunePolicy: Hooks = createHooks(
  createPruneHandler({ handOver: createHandOver(), baseFolder, now: Date.now, claims }),
  pruneClusters,
  runtime,
);

export const imageArchive: Hooks = createHooks(
  createArchiveHandler({ baseFolder, claims }),
  archiveSources,
  runtime,
);
