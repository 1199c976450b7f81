import { TarFormatError } from "./header.js";

/** Reads a stream part by part. */
export interface ByteCursor {
  /** @throws TarFormatError the stream ends before */
  skip(bytes: number): Promise<void>;
  /** The next bytes, without consuming them; fewer where the stream ends. */
  peek(bytes: number): Promise<Uint8Array>;
  /** To be read to its end before anything else is asked. @throws TarFormatError the stream ends before */
  take(bytes: number): AsyncGenerator<Uint8Array, void, undefined>;
}

export function createByteCursor(source: AsyncIterator<Uint8Array>): ByteCursor {
  let rest: Uint8Array = new Uint8Array();
  let position = 0;

  async function pull(): Promise<boolean> {
    const next = await source.next();
    if (next.done === true) return false;
    rest = rest.length === 0 ? next.value : Buffer.concat([rest, next.value]);
    return true;
  }

  async function* take(bytes: number): AsyncGenerator<Uint8Array, void, undefined> {
    const end = position + bytes;
    while (position < end) {
      if (rest.length === 0 && !(await pull())) {
        throw new TarFormatError(`it ends too early, after ${position} bytes`);
      }
      const part = rest.subarray(0, end - position);
      rest = rest.subarray(part.length);
      position += part.length;
      yield part;
    }
  }

  return {
    async skip(bytes) {
      const passed = take(bytes);
      while ((await passed.next()).done !== true);
    },
    async peek(bytes) {
      while (rest.length < bytes && (await pull()));
      return rest.subarray(0, bytes);
    },
    take,
  };
}
