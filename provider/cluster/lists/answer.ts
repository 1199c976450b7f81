import { type ApiResource, resourceName } from "../../okd/objects.js";
import { ImageError } from "../../support/imageError.js";
import { isObject, textAt, valueAt } from "../../support/json.js";
import { excerpt } from "../../support/text/excerpt.js";
import { nameList } from "../../support/text/wording.js";

/** One answer to a list request. */
export interface ListAnswer {
  readonly items: readonly unknown[];
  /** Token of the next answer; empty on the last one. */
  readonly next: string;
  /** How many items the server says are still to come; undefined where it does not say. */
  readonly remaining: number | undefined;
  /** Empty where the server does not say. */
  readonly resourceVersion: string;
}

/**
 * Reads the answer to a list request. Go writes an empty list as null; but an answer whose items are missing, or that breaks
 * off, is an error: as an empty list it would look as if nothing used any image.
 * @param attempted completes "Cannot ..."
 * @throws ImageError API_ERROR with what the server answered instead
 */
export function readList(body: unknown, attempted: string): ListAnswer {
  const wrong = (problem: string) =>
    new ImageError("API_ERROR", `Cannot ${attempted}: the server answered ${problem}`);
  const kind = textAt(body, "kind");
  if (!isObject(body) || !kind.endsWith("List")) throw wrong(`${describeBody(body)}, which is no list`);
  const items = body.items;
  const isEmptyInGo = items === null && isObject(body.metadata);
  if (!Array.isArray(items) && !isEmptyInGo) {
    throw wrong(
      `a ${excerpt(kind, 100)} ${items === undefined ? "without items" : "whose items are no list"}`,
    );
  }
  const listed: readonly unknown[] = Array.isArray(items) ? items : [];
  if (!listed.every(isObject)) throw wrong(`a ${excerpt(kind, 100)} with an item that is no object`);
  const next = textAt(body, "metadata", "continue");
  const count = valueAt(body, "metadata", "remainingItemCount");
  const remaining = typeof count === "number" ? count : undefined;
  if (next === "" && remaining !== undefined && remaining > 0) {
    throw wrong(`a list that ends although ${remaining} of its items are still to come`);
  }
  return { items: listed, next, remaining, resourceVersion: textAt(body, "metadata", "resourceVersion") };
}

/** Values are left out: the list may be one of secrets. */
function describeBody(body: unknown): string {
  const kind = textAt(body, "kind");
  if (kind !== "") return `a ${excerpt(kind, 100)}`;
  return isObject(body)
    ? `an object of ${excerpt(nameList(Object.keys(body), 5), 200) || "nothing"}`
    : "no object";
}

/**
 * Compares the number of items with what the server announced (`remainingItemCount`). The number holds for one revision,
 * which all pages of a list have unless it expired; a server need not announce any.
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
