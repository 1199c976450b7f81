import type { Dispatcher } from "undici";
import { linesOf, readText } from "../../http/body.js";
import { toUnreachable } from "../../http/failures.js";
import { type HttpRequest, send } from "../../http/send.js";
import { abortReason } from "../../support/async/abortable.js";
import { ImageError, isImageError } from "../../support/imageError.js";
import { parseAnswer } from "./answer.js";

/** For messages. */
export interface LinesTarget {
  readonly server: string;
  readonly via: string | undefined;
  readonly attempted: string;
}

const maxErrorBytes = 1024 * 1024;

/** See `ClusterClient.openLines`; `request` is what is sent. */
export async function openLines(
  dispatcher: Dispatcher,
  request: HttpRequest,
  { server, via, attempted }: LinesTarget,
): Promise<AsyncIterable<string>> {
  const failure = (error: unknown) => {
    if (request.signal.aborted) return abortReason(request.signal);
    return isImageError(error) ? error : toUnreachable(error, { server, via }, attempted);
  };
  try {
    const response = await send(dispatcher, request);
    const { statusCode: status, headers } = response;
    if (status === 200) return failingAs(failure, linesOf(response.body));
    parseAnswer({ status, headers, text: await readText(response, maxErrorBytes) }, server, attempted);
    throw new ImageError("API_ERROR", `Cannot ${attempted}: the server answered HTTP ${status}`);
  } catch (error) {
    throw failure(error);
  }
}

async function* failingAs<Item>(
  failure: (error: unknown) => Error,
  items: AsyncIterable<Item>,
): AsyncGenerator<Item, void, undefined> {
  try {
    yield* items;
  } catch (error) {
    throw failure(error);
  }
}
