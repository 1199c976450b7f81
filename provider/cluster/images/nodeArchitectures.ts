import type { ClusterNodes } from "../../imports/ports.js";
import type { ApiResource, ClusterObjects } from "../../okd/objects.js";
import { createSharedAnswers } from "../../support/async/memoized.js";
import { isImageError } from "../../support/imageError.js";
import { textAt } from "../../support/json.js";

const nodes: ApiResource = { group: "", version: "v1", resource: "nodes" };

/** Read once a process, because machines come and go slowly, and it only decides about a warning. */
export function clusterNodes(objects: Pick<ClusterObjects, "list">): ClusterNodes {
  const shared = createSharedAnswers(Infinity, "listing the cluster's nodes");
  return {
    architectures: (options) => shared("", (signal) => listArchitectures(objects, signal), options.signal),
  };
}

async function listArchitectures(
  objects: Pick<ClusterObjects, "list">,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const found = new Set<string>();
  const onPage = (page: readonly unknown[]) => {
    for (const node of page) found.add(textAt(node, "metadata", "labels", "kubernetes.io/arch"));
  };
  try {
    await objects.list(nodes, { metadataOnly: true, onPage, signal });
  } catch (error) {
    if (!isImageError(error)) throw error;
    return undefined;
  }
  return [...found].filter((architecture) => architecture !== "").sort();
}
