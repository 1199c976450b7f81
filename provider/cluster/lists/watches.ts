import {
  type ApiResource,
  type ObjectChanges,
  type ObjectWatches,
  resourceName,
  type WatchEvent,
  type WatchOptions,
} from "../../okd/objects.js";
import { ImageError } from "../../support/imageError.js";
import { textAt, valueAt } from "../../support/json.js";
import { excerpt } from "../../support/text/excerpt.js";
import { resourcePath } from "../api/answer.js";
import type { ClusterClient } from "../api/client.js";
import { isApiError } from "../api/error.js";
import { collectionVersion } from "./pages.js";

/** A connection that died silently shows when the watch does not end in time. */
const defaultTimeoutSeconds = 60;

const metadataAccept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

/** Watches of a live cluster. */
export function clusterWatches(client: ClusterClient): ObjectWatches {
  return { watch: (resource, options) => watch(client, resource, options) };
}

/** The same, with the version that tells whether a watch is current. */
export function clusterChanges(client: ClusterClient): ObjectChanges {
  return {
    ...clusterWatches(client),
    version: (resource, options) => collectionVersion(client, resource, options),
  };
}

async function watch(
  client: ClusterClient,
  resource: ApiResource,
  { namespace, resourceVersion, metadataOnly = false, timeoutSeconds, signal }: WatchOptions,
): Promise<AsyncIterable<WatchEvent>> {
  const attempted = `watch ${resourceName(resource)}`;
  try {
    const lines = await client.openLines({
      path: resourcePath(resource, namespace),
      query: {
        watch: true,
        resourceVersion,
        allowWatchBookmarks: true,
        timeoutSeconds: timeoutSeconds ?? defaultTimeoutSeconds,
      },
      ...(metadataOnly ? { accept: metadataAccept } : {}),
      signal,
      attempted,
    });
    return eventsIn(lines, attempted);
  } catch (error) {
    if (isApiError(error) && error.httpStatus === 410) return expired();
    throw error;
  }
}

async function* eventsIn(
  lines: AsyncIterable<string>,
  attempted: string,
): AsyncGenerator<WatchEvent, void, undefined> {
  for await (const line of lines) {
    const event = toEvent(parsed(line, attempted), attempted);
    yield event;
    if (event.kind === "expired") return;
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- as the other events
async function* expired(): AsyncGenerator<WatchEvent, void, undefined> {
  yield { kind: "expired" };
}

function parsed(line: string, attempted: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new ImageError("API_ERROR", `Cannot ${attempted}: the server sent a line that is no JSON`, {
      cause,
    });
  }
}

/** An event of an unknown kind must not be overlooked. */
function toEvent(event: unknown, attempted: string): WatchEvent {
  const object = valueAt(event, "object");
  const resourceVersion = textAt(object, "metadata", "resourceVersion");
  const type = textAt(event, "type");
  switch (type) {
    case "ADDED":
    case "MODIFIED":
      return { kind: "present", object, resourceVersion };
    case "DELETED":
      return { kind: "absent", object, resourceVersion };
    case "BOOKMARK":
      return { kind: "mark", resourceVersion };
    case "ERROR":
      if (valueAt(object, "code") === 410) return { kind: "expired" };
      throw new ImageError("API_ERROR", `Cannot ${attempted}: ${excerpt(textAt(object, "message"))}`);
    default:
      throw new ImageError(
        "API_ERROR",
        `Cannot ${attempted}: the server sent an event ${JSON.stringify(type)}`,
      );
  }
}
