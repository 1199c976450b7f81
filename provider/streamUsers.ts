import type { FoundUsers, RequestOptions, StreamUsers, VanishingImages } from "./imports/ports.js";
import { parseReference } from "./oci/reference.js";
import { type ReferrerKind, referrerKinds, streamResource } from "./prune/survey/loadKinds.js";
import { projectStream } from "./prune/survey/projectStream.js";
import type { ApiResource, ClusterObjects } from "./prune/survey/surveyPorts.js";
import { mapConcurrently } from "./support/concurrency.js";
import { createContentPool } from "./support/contentPool.js";
import { hasCode } from "./support/imageError.js";
import { textAt } from "./support/json.js";
import { findUsers } from "./usage/findUsers.js";
import { isLive } from "./usage/liveUsage.js";
import { describeReferrer, type ImageSource, type Referrer } from "./usage/referrer.js";
import { streamReferrer } from "./usage/streamReferrer.js";

const listsAtATime = 3;
/** What a rollback or a record needs, and nothing that runs. */
const historyKinds: ReadonlySet<string> = new Set([
  "replicaset",
  "replicationcontroller",
  "controllerrevision",
  "build",
  "job",
]);
const clusterScoped: ReadonlySet<string> = new Set(["nodes"]);

/** Users found by listing every kind that names images, in all namespaces (safety.md 4.1). */
export function streamUsers(objects: ClusterObjects): StreamUsers {
  return {
    async find(vanishing, options) {
      const blocking = new Set<string>();
      const history = new Set<string>();
      const kinds = [...referrerKinds, streamKind(vanishing)];
      const seen = await mapConcurrently(kinds, listsAtATime, ({ resource, project }) =>
        listWherePossible(objects, resource, vanishing.namespace, options, (page) => {
          for (const { referrer } of findUsers(liveReferrers(page, project), vanishing)) {
            (historyKinds.has(kindOf(referrer)) ? history : blocking).add(describeReferrer(referrer));
          }
        }),
      );
      const named = (scope: Seen) =>
        kinds.filter((_, index) => seen[index] === scope).map(({ resource }) => resource.resource);
      return {
        blocking: [...blocking].sort(),
        history: [...history].sort(),
        unread: [...unreadIn("of other namespaces", named("here")), ...unreadIn("at all", named("nowhere"))],
      } satisfies FoundUsers;
    },
  };
}

/** Which objects of a kind were listed: all of them, or those of the stream's namespace, or none. */
type Seen = "everywhere" | "here" | "nowhere";

async function listWherePossible(
  objects: ClusterObjects,
  resource: ApiResource,
  namespace: string,
  options: RequestOptions,
  onPage: (page: readonly unknown[]) => void,
): Promise<Seen> {
  if (!(await objects.serves(resource, options))) return "everywhere";
  if (await canList(objects, resource, { ...options, onPage })) return "everywhere";
  if (clusterScoped.has(resource.resource)) return "nowhere";
  return (await canList(objects, resource, { ...options, namespace, onPage })) ? "here" : "nowhere";
}

async function canList(
  objects: ClusterObjects,
  resource: ApiResource,
  options: Parameters<ClusterObjects["list"]>[1],
): Promise<boolean> {
  try {
    await objects.list(resource, options);
    return true;
  } catch (error) {
    if (hasCode(error, "API_FORBIDDEN")) return false;
    throw error;
  }
}

function unreadIn(scope: string, resources: readonly string[]): readonly string[] {
  return resources.length === 0 ? [] : [`${[...resources].sort().join(", ")} ${scope}`];
}

/** What is being deleted pulls no more, nor does a pod that has ended. */
function liveReferrers(page: readonly unknown[], project: ReferrerKind["project"]): readonly Referrer[] {
  const pool = createContentPool();
  return page
    .filter((object) => textAt(object, "metadata", "deletionTimestamp") === "")
    .map((object) => project(object, pool))
    .filter((referrer) => isLive(referrer, Infinity));
}

function kindOf(referrer: Referrer): string {
  return referrer.kind === "other" ? referrer.objectKind : referrer.kind;
}

/** Other streams, as far as their sources and items lead into this one. */
function streamKind({ namespace, name }: VanishingImages): Pick<ReferrerKind, "resource" | "project"> {
  return {
    resource: streamResource,
    project(object, pool) {
      const stream = projectStream(object, pool);
      const isItself = stream.namespace === namespace && stream.name === name;
      const items = stream.tags.flatMap((tag) => tag.items);
      const sources = [
        ...stream.specTags.flatMap(({ from }) => from ?? []),
        ...items.map(({ pullSpec }): ImageSource => ({ kind: "DockerImage", namespace: "", name: pullSpec })),
      ];
      const leading = sources.filter((source) => leadsTo(source, stream.namespace, { namespace, name }));
      return streamReferrer(stream, isItself ? [] : leading);
    },
  };
}

/** Whatever the host, because it may be a route or a mirror; a digest in another stream is served from there. */
function leadsTo(
  source: ImageSource,
  holder: string,
  { namespace, name }: Pick<VanishingImages, "namespace" | "name">,
): boolean {
  if (source.kind !== "DockerImage") {
    const [stream] = source.name.split(/[:@]/);
    return stream === name && (source.namespace === "" ? holder : source.namespace) === namespace;
  }
  const parsed = parseReference(source.name.trim());
  return (
    parsed.ok && `/${parsed.reference.namespace}/${parsed.reference.name}`.endsWith(`/${namespace}/${name}`)
  );
}
