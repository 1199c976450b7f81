import { ImageError } from "../../support/imageError.js";

const longestLine = 64 * 2 ** 20;
const lineFeed = 0x0a;

/**
 * The lines of a body as they arrive, without empty ones. Stopping early destroys the body and its connection.
 * @throws ImageError API_ERROR when a line has no end
 */
export async function* linesOf(body: AsyncIterable<Buffer>): AsyncGenerator<string, void, undefined> {
  let pieces: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    let rest = chunk;
    for (let end = rest.indexOf(lineFeed); end >= 0; end = rest.indexOf(lineFeed)) {
      const line = Buffer.concat([...pieces, rest.subarray(0, end)]).toString("utf8");
      rest = rest.subarray(end + 1);
      pieces = [];
      size = 0;
      if (line !== "") yield line;
    }
    size += rest.length;
    if (size > longestLine) throw new ImageError("API_ERROR", "the server sent a line without an end");
    if (rest.length > 0) pieces.push(rest);
  }
}
