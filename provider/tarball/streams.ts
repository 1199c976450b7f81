import type { Tarballs } from "../archive/filePorts.js";
import { checkPassage } from "./read/passage.js";
import { spoolArchive } from "./read/spool.js";
import { tarSize, writeTar } from "./tar/writer.js";
import { layoutIdentity, planLayout } from "./write/layout.js";

/** Tar archives of images, on this machine. */
export const tarballs: Tarballs = {
  layout(images, format, options) {
    const trees = images.map(({ names, found }) => ({ names, tree: found.tree }));
    const members = planLayout(trees, format);
    const sources = images.map(({ found }) => found.blobs);
    return {
      content: writeTar(members, sources, options),
      size: tarSize(members),
      identity: () => layoutIdentity(trees, format),
    };
  },
  passage: checkPassage,
  spool: spoolArchive,
};
