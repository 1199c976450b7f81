import { gzipSync } from "node:zlib";

const blockBytes = 512;

/** A layer with one file per entry, byte for byte the same for the same content. */
export function layerTar(files: Readonly<Record<string, string | Buffer>>): Buffer {
  const blocks = Object.entries(files).flatMap(([path, content]) => {
    const bytes = Buffer.from(content);
    const padding = Buffer.alloc((blockBytes - (bytes.length % blockBytes)) % blockBytes);
    return [header(path, bytes.length), bytes, padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]);
}

export function gzipped(content: Buffer): Buffer {
  const compressed = gzipSync(content, { level: 9 });
  // Byte 9 names the operating system (RFC 1952, 2.3): the only one that differs between machines.
  compressed[9] = 255;
  return compressed;
}

/** A ustar header: mode 0644, owner root, modification time 0. */
function header(path: string, size: number): Buffer {
  const block = Buffer.alloc(blockBytes);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");
  block.write(path, 0, 100);
  block.write(
    `${octal(0o644, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0${octal(size, 11)}\0${octal(0, 11)}\0`,
    100,
  );
  block.write(" ".repeat(8), 148);
  block.write("0", 156);
  block.write("ustar\x0000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}
