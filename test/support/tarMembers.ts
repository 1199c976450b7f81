import { extract } from "tar-stream";

export interface TarMember {
  readonly name: string;
  readonly type: string;
  readonly content: Buffer;
}

/** The members of a tar archive, in order. */
export async function tarMembers(archive: Buffer): Promise<readonly TarMember[]> {
  const extraction = extract();
  extraction.end(archive);
  const members: TarMember[] = [];
  for await (const entry of extraction) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    members.push({
      name: entry.header.name,
      type: entry.header.type,
      content: Buffer.concat(chunks),
    });
  }
  return members;
}

/** The JSON of a member. */
export function jsonMember(members: readonly TarMember[], name: string): unknown {
  const member = members.find((each) => each.name === name);
  if (member === undefined) throw new Error(`the archive has no ${name}`);
  return JSON.parse(member.content.toString("utf8")) as unknown;
}

/** All bytes of a stream. */
export async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
