import { isZeroBlock, TarFormatError } from "./header.js";
import type { TarNeed, TarParser } from "./parser.js";

/** Gives a parser the bytes of a tar as they come, in pieces of any size. */
export interface TarFeed {
  /** @throws TarFormatError as soon as the bytes are no tar, or are not zero after its end */
  push(chunk: Uint8Array): void;
  /** @throws TarFormatError the tar is not whole */
  end(): void;
}

const ended: TarNeed = { kind: "skip", bytes: Infinity };

export function createTarFeed(parser: TarParser): TarFeed {
  let position = 0;
  let need = firstNeed(parser);
  /** The bytes of the current need that have arrived. */
  let collected = Buffer.alloc(need.bytes);
  let filled = 0;

  function answer(content: Uint8Array): void {
    const next = parser.next(content);
    need = next.done === true ? ended : next.value;
    collected = Buffer.alloc(need.kind === "read" ? need.bytes : 0);
    filled = 0;
  }

  return {
    push(chunk) {
      let rest = chunk;
      while (rest.length > 0 && need !== ended) {
        const part = rest.subarray(0, need.bytes - filled);
        if (need.kind === "read") collected.set(part, filled);
        filled += part.length;
        position += part.length;
        rest = rest.subarray(part.length);
        if (filled === need.bytes) answer(collected);
      }
      if (!isZeroBlock(rest)) throw new TarFormatError(`something else after the end at byte ${position}`);
      position += rest.length;
    },
    end() {
      if (need !== ended) throw new TarFormatError(`it ends too early, after ${position} bytes`);
    },
  };
}

function firstNeed(parser: TarParser): TarNeed {
  const first = parser.next(new Uint8Array());
  return first.done === true ? ended : first.value;
}
