import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Stack } from "../stack.js";
import type { SurfaceScene } from "./allResources.js";

/**
 * One resource of each kind, with the options `scene.options` and the changed arguments `scene.more`, by kind; only those
 * that `scene.only` names, under names with the suffix `scene.suffix`.
 */
export const threeKinds = `
const { options, more = {}, only = ["stream", "policy", "archive"], suffix = "", aliased = false } = scene;
const classes = {
  stream: okd.ImportedImageStream,
  policy: okd.ImagePrunePolicy,
  archive: okd.ImageArchive,
};
const made = {};
for (const kind of only) {
  const own = aliased ? { ...options, aliases: [{ name: kind }] } : options;
  made[kind] = new classes[kind](kind + suffix, { ...scene[kind], ...more[kind] }, own);
}
`;

export const kinds = ["stream", "policy", "archive"] as const;

/** `create archive`, `create policy`, ... sorted. */
export function each(verb: string, suffix = ""): readonly string[] {
  return kinds.map((kind) => `${verb} ${kind}${suffix}`).toSorted();
}

export function archiveOf(stack: Stack): string {
  return join(stack.project.folder, "web.tar");
}

/** What must never be lost or replaced: the stream's identity, what it serves, and the archive's bytes. */
export function things(scene: SurfaceScene, stack: Stack): object {
  const file = archiveOf(stack);
  return {
    uid: scene.stream("stream")?.metadata.uid,
    served: scene.served("v1", "stream"),
    file: existsSync(file) ? createHash("sha256").update(readFileSync(file)).digest("hex") : undefined,
  };
}

export const nothing = { uid: undefined, served: undefined, file: undefined };

export function urns(stack: Stack): readonly string[] {
  return kinds.map((kind) => stack.resource(kind)?.urn ?? kind);
}
