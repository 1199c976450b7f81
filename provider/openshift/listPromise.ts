import type { ApiResource } from "../prune/survey/surveyPorts.js";
import { ImageError } from "../support/imageError.js";
import { resourceName } from "../support/resourceName.js";
import type { ListAnswer } from "./listAnswer.js";

/**
 * Keeps a server to how many items it says are still to come. That holds at one revision only, which all pages of a list
 * show unless it has expired, and no server has to say it at all.
 */
export function listPromise(resource: ApiResource) {
  let [received, promised] = [0, 0];
  const versions = new Set<string>();
  return {
    add(
      count: number,
      { remaining = 0, resourceVersion }: Pick<ListAnswer, "remaining" | "resourceVersion">,
    ): void {
      versions.add(resourceVersion);
      received += count;
      promised = Math.max(promised, received + remaining);
    },
    /** @throws ImageError API_ERROR */
    check() {
      const isOneVersion = versions.size === 1 && !versions.has("");
      if (!isOneVersion || received >= promised) return;
      const text = `Cannot list ${resourceName(resource)}: the server promised ${promised} of them and sent ${received}; does something on the way cut its answers? Run again`;
      throw new ImageError("API_ERROR", text);
    },
  };
}
