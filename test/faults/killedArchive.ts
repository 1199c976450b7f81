import { createHash } from "node:crypto";
import type { WriteOptions } from "../../provider/archive/filePorts.js";
import { writeTar } from "../../provider/tarball/tar/writer.js";
import type { TarMember } from "../../provider/tarball/write/layout.js";

export const writeOptions: WriteOptions = {
  signal: new AbortController().signal,
  mode: 0o600,
  createDirectories: false,
  expectedBytes: undefined,
  compression: "none",
};

/** An image archive of about a megabyte whose every byte depends on the generation, which is the image's tag. */
export function archiveOf(generation: number): AsyncIterable<Uint8Array> {
  const config = Buffer.from(
    JSON.stringify({ os: "linux", architecture: "amd64", created: String(generation) }),
  );
  const hex = createHash("sha256").update(config).digest("hex");
  const layer = Buffer.alloc(1_000_000, `generation ${generation} `);
  const manifest = [{ Config: hex, RepoTags: [`killed:${generation}`], Layers: ["layer.tar"] }];
  const files = { [hex]: config, "layer.tar": layer, "manifest.json": Buffer.from(JSON.stringify(manifest)) };
  const members = Object.entries(files).map(([name, bytes]): TarMember => {
    return { name, size: bytes.length, content: { kind: "bytes", bytes } };
  });
  return writeTar(members, [], writeOptions);
}
