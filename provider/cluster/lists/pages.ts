import { type ApiResource, type ListFacts, type ListOptions, resourceName } from "../../okd/objects.js";
import { mapConcurrently } from "../../support/async/concurrency.js";
import { bareMessage, ImageError } from "../../support/imageError.js";
import { textAt } from "../../support/json.js";
import { excerpt } from "../../support/text/excerpt.js";
import { resourcePath } from "../api/answer.js";
import type { ClusterClient } from "../api/client.js";
import { type ApiError, explainedApiError, isApiError } from "../api/error.js";
import { type ListAnswer, listPromise, readList } from "./answer.js";

/** Objects of one answer. */
const pageSize = 500;
/** Images are small compared with pods, and far more numerous. */
const imagePageSize = 1_000;
/** Each may have hundreds of kilobytes. */
const definitionPageSize = 20;
/** Milliseconds for one page: a busy server may take long for five hundred pods. */
const pageTimeoutMs = 60_000;
const fetchesAtATime = 8;
/** Metadata-only passes after a list that expired, each of which may expire too. */
const reconcileAttempts = 3;

interface Page extends ListAnswer {
  readonly serverTime: number;
  readonly bytes: number;
}

type FetchPage = (token: string) => Promise<Page>;

/** See `ClusterObjects.list`; `getObject` reads one object that a metadata-only pass has found. */
export async function listObjects(
  client: ClusterClient,
  resource: ApiResource,
  options: ListOptions,
  getObject: (name: string, namespace: string) => Promise<unknown>,
): Promise<ListFacts> {
  const { metadataOnly = false, onPage } = options;
  const seen = new Set<string>();
  const report = (objects: readonly unknown[]) => {
    const unseen = objects.filter((object) => !seen.has(keyOf(object)));
    for (const object of unseen) seen.add(keyOf(object));
    onPage(unseen);
  };
  const pages = pagesOf(client, resource, options, metadataOnly);
  const { serverTime, resourceVersion, bytes, hasExpired } = await walkPages(
    pages,
    resource,
    report,
    freshToken,
  );
  if (hasExpired) {
    await reconcile(pagesOf(client, resource, options, true), resource, async (items) => {
      const missed = items.filter((item) => !seen.has(keyOf(item)));
      const objects = metadataOnly ? missed : await fetchAll(missed, getObject);
      if (objects.length > 0) report(objects);
    });
  }
  const isOneVersion = !hasExpired && resourceVersion !== "";
  return { count: seen.size, bytes, serverTime, ...(isOneVersion ? { resourceVersion } : {}) };
}

/** A list of one object tells it, as current as the storage if the request names no version (facts/api-server.md 6). */
export async function collectionVersion(
  client: ClusterClient,
  resource: ApiResource,
  { namespace, signal }: Pick<ListOptions, "namespace" | "signal">,
): Promise<string> {
  const attempted = `ask for the version of ${resourceName(resource)}`;
  const body = await client.request<unknown>({
    method: "GET",
    path: resourcePath(resource, namespace),
    query: { limit: 1 },
    accept: metadataAccept,
    signal,
    attempted,
  });
  return textAt(body, "metadata", "resourceVersion");
}

interface Walk extends Pick<Page, "serverTime" | "resourceVersion" | "bytes"> {
  readonly hasExpired: boolean;
}

/** Reads a list to its end. When a page fails, `afterFailure` answers the token to continue with, or throws. */
async function walkPages(
  fetchPage: FetchPage,
  resource: ApiResource,
  onItems: (items: readonly unknown[]) => Promise<void> | void,
  afterFailure: (error: unknown) => string,
): Promise<Walk> {
  const promise = listPromise(resource);
  // A call of its own for each page, so that the wait for the next page holds no items.
  const readPage = async (token: string): Promise<Omit<Page, "items">> => {
    const { items, ...page } = await fetchPage(token);
    promise.add(items.length, page);
    await onItems(items);
    return page;
  };
  const first = await readPage("");
  let { bytes } = first;
  let hasExpired = false;
  const used = new Set<string>();
  for (let token = first.next; token !== "";) {
    if (used.has(token)) throw endless(resource);
    used.add(token);
    try {
      const page = await readPage(token);
      token = page.next;
      bytes += page.bytes;
    } catch (error) {
      token = afterFailure(error);
      hasExpired = true;
    }
  }
  if (!hasExpired) promise.check();
  const { serverTime, resourceVersion } = first;
  return { serverTime, resourceVersion, bytes, hasExpired };
}

/** Reads the whole list at one revision. Objects that were reported and are gone now remain reported. */
async function reconcile(
  metadataPages: FetchPage,
  resource: ApiResource,
  onItems: (items: readonly unknown[]) => Promise<void>,
): Promise<void> {
  for (let attempt = 1; attempt <= reconcileAttempts; attempt += 1) {
    try {
      await walkPages(metadataPages, resource, onItems, rethrow);
      return;
    } catch (error) {
      if (!isExpired(error)) throw error;
    }
  }
  const text =
    `Cannot list ${resourceName(resource)}: the list is longer than the server keeps it consistent, ` +
    `${reconcileAttempts} times in a row (HTTP 410). Is the API server overloaded? Run again when it is calmer`;
  throw new ImageError("API_ERROR", text);
}

function rethrow(error: unknown): never {
  throw error;
}

async function fetchAll(
  metadata: readonly unknown[],
  getObject: (name: string, namespace: string) => Promise<unknown>,
): Promise<readonly unknown[]> {
  const objects = await mapConcurrently(metadata, fetchesAtATime, (item) =>
    getObject(textAt(item, "metadata", "name"), textAt(item, "metadata", "namespace")),
  );
  return objects.filter((object) => object !== undefined); // deleted since it was listed
}

function pagesOf(
  client: ClusterClient,
  resource: ApiResource,
  { namespace, signal }: ListOptions,
  metadataOnly: boolean,
): FetchPage {
  const scope = namespace === undefined ? "in all namespaces" : `in namespace ${namespace}`;
  const attempted = `list ${resourceName(resource)} ${scope}`;
  const limit = pageSizeOf(resource, metadataOnly);
  return async (token) => {
    try {
      const { body, headers, length } = await client.requestWithHeaders<unknown>({
        method: "GET",
        path: resourcePath(resource, namespace),
        query: { limit, continue: token === "" ? undefined : token },
        ...(metadataOnly ? { accept: metadataAccept } : {}),
        timeoutMs: pageTimeoutMs,
        signal,
        attempted,
      });
      return { ...toPage(body, headers["date"], attempted), bytes: length };
    } catch (error) {
      throw isApiError(error) && error.httpStatus === 403
        ? explainForbidden(error, resource, namespace, attempted)
        : error;
    }
  };
}

function pageSizeOf({ resource }: ApiResource, metadataOnly: boolean): number {
  if (resource === "images") return imagePageSize;
  return resource === "customresourcedefinitions" && !metadataOnly ? definitionPageSize : pageSize;
}

const metadataAccept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

function toPage(body: unknown, date: string | string[] | undefined, attempted: string): Omit<Page, "bytes"> {
  const list = readList(body, attempted);
  if (list.items.some((item) => textAt(item, "metadata", "name") === "")) {
    throw new ImageError("API_ERROR", `Cannot ${attempted}: the server answered an item that has no name`);
  }
  const serverTime = Date.parse(String(date));
  if (Number.isNaN(serverTime)) {
    const text = `Cannot ${attempted}: the answer has no Date header, so the server's clock is not known; does a proxy remove it?`;
    throw new ImageError("API_ERROR", text);
  }
  return { ...list, serverTime };
}

function keyOf(object: unknown): string {
  const namespace = textAt(object, "metadata", "namespace");
  const name = textAt(object, "metadata", "name");
  return namespace === "" ? name : `${namespace}/${name}`;
}

function isExpired(error: unknown): error is ApiError {
  return isApiError(error) && error.httpStatus === 410;
}

/** The token in a 410, with which the list continues at the present revision; rethrows other errors. */
function freshToken(error: unknown): string {
  const token = isExpired(error) ? (error.status.metadata?.continue ?? "") : "";
  if (token === "") throw error;
  return token;
}

function endless(resource: ApiResource): ImageError {
  const text = `Cannot list ${resourceName(resource)}: the server repeats a continue token, so the list has no end`;
  return new ImageError("API_ERROR", text);
}

function explainForbidden(
  error: ApiError,
  { group, resource }: ApiResource,
  namespace: string | undefined,
  attempted: string,
): ApiError {
  const binding = namespace === undefined ? "a ClusterRoleBinding" : `a RoleBinding in ${namespace}`;
  const rule = `apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["list"]`;
  const text = `Cannot ${attempted}: ${excerpt(error.status.message ?? bareMessage(error))} (HTTP 403). Grant a ClusterRole with the rule {${rule}} by ${binding}`;
  return explainedApiError(error, "API_FORBIDDEN", text);
}
