import type { ClusterIdentity } from "../support/clusterIdentity.js";
import type { StreamKey } from "./ports.js";

/** Which resource of the program declares which tag, as far as a process has seen. */
export interface DeclaredTags {
  /**
   * Notes what a resource declares, in place of what it declared in an earlier check. Answers why it may not: one reason
   * for each tag that another resource of the program declares too.
   */
  declare(cluster: ClusterIdentity, key: StreamKey, tags: readonly string[], urn: string): readonly string[];
}

export function createDeclaredTags(): DeclaredTags {
  const tagsOf = new Map<string, ReadonlySet<string>>();

  return {
    declare(cluster, { namespace, name }, tags, urn) {
      const prefix = JSON.stringify([cluster.uid ?? cluster.server, namespace, name]);
      const own = tags.map((tag) => ({ tag, entry: `${prefix} ${tag}` }));
      tagsOf.set(urn, new Set(own.map(({ entry }) => entry)));
      const others = [...tagsOf].filter(([other]) => other !== urn);
      return own.flatMap(({ tag, entry }) => {
        const rival = others.find(([, entries]) => entries.has(entry));
        if (rival === undefined) return [];
        return [
          `tags.${tag}: both ${rival[0]} and ${urn} declare the tag ${tag} of image stream ${namespace}/${name}. Leave it to one of them [STREAM_CLAIMED]`,
        ];
      });
    },
  };
}
