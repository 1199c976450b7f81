import type { ObjectList } from "../model/resource.js";
import { badRequest, StatusError } from "../model/status.js";
import { type ContinueToken, formatContinueToken, parseContinueToken } from "./continueToken.js";
import { entriesOf, type Entry, indexFrom, type ObjectStore } from "./objectStore.js";
import { selectorOf } from "./selectors.js";

/** One page of a list, as `limit` and `continue` ask for it. */
export function listPage(
  store: ObjectStore,
  resource: string,
  namespace: string | undefined,
  query: URLSearchParams,
): ObjectList {
  const limit = parseLimit(query.get("limit"));
  const token = query.get("continue");
  const from = token === null || token === "" ? undefined : parseContinueToken(token);
  const seen = from === undefined ? store.entries(resource) : continuedEntries(store, resource, from);
  const scoped = namespace === undefined ? seen : entriesOf(seen, namespace);
  // No key lies between a key and the same one with a zero byte behind it.
  const rest = from === undefined ? scoped : scoped.slice(indexFrom(scoped, `${from.after}\u0000`));
  const isSelected = query.has("labelSelector") || query.has("fieldSelector");
  const selects = selectorOf(query);
  const matching = isSelected ? rest.filter(({ object }) => selects(object)) : rest;
  const page = limit === 0 ? matching : matching.slice(0, limit);
  const items = page.map((entry) => entry.object);
  const last = page.at(-1);
  const isConsistent = from !== undefined && from.revision > 0;
  const revision = isConsistent ? from.revision : store.revision;
  if (last === undefined || page.length === matching.length) {
    return { metadata: { resourceVersion: String(revision) }, items };
  }
  if (!isConsistent) store.keepSnapshot(resource);
  return {
    metadata: {
      resourceVersion: String(revision),
      continue: formatContinueToken({ revision, after: last.key }),
      // The API server counts keys, not matches, so it leaves the number out for selected lists.
      ...(isSelected ? {} : { remainingItemCount: matching.length - page.length }),
    },
    items,
  };
}

function continuedEntries(store: ObjectStore, resource: string, from: ContinueToken): readonly Entry[] {
  if (from.revision < 0) return store.entries(resource);
  const snapshot = store.snapshot(resource, from.revision);
  if (snapshot !== undefined) return snapshot;
  throw new StatusError(
    410,
    "Expired",
    expiredMessage,
    undefined,
    formatContinueToken({ ...from, revision: -1 }),
  );
}

export function parseLimit(text: string | null): number {
  if (text === null || text === "") return 0;
  if (!/^\d+$/.test(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

const expiredMessage =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list without " +
  "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. " +
  "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or " +
  "deleted between the time the first chunk was returned and now may show up in the list.";
