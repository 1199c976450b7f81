import type { ArchiveArgs } from "../../../provider/archive/args/parsed.js";
import { parseArgs } from "../../../provider/archive/args/schema.js";
import type { ContentImage } from "../../../provider/archive/outputs.js";
import { layersOf } from "../../../provider/archive/plan/content.js";

/** `sha256:` and a digit 64 times. */
export function digestOf(digit: number | string): string {
  return `sha256:${String(digit).padStart(64, "0")}`;
}

/** An image as a graphdriver store or podman names it. */
export function contentImage(more: Partial<ContentImage> = {}): ContentImage {
  return {
    digest: digestOf(1),
    identity: "config",
    names: ["acme/web:v1"],
    platforms: ["linux/amd64"],
    created: "2024-01-01T00:00:00Z",
    ...layersOf([digestOf("d1"), digestOf("d2")]),
    ...more,
  };
}

/** An image of which no layers are known. */
export function withoutLayers({ chainId: _, ...image }: ContentImage): ContentImage {
  return image;
}

export function archiveArgs(more: object = {}): ArchiveArgs {
  const parsed = parseArgs({ path: "web.tar", images: [{ engine: "acme/web:v1" }], ...more });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.args;
}
