import type { AllowedRegistry } from "../imports/allowedSources.js";
import type { ImportRules } from "../imports/ports.js";
import type { ApiResource, ClusterObjects } from "../prune/survey/surveyPorts.js";
import { listAt, textAt, valueAt } from "../support/json.js";
import { createSharedAnswers } from "../support/sharedAnswers.js";

const imageConfig: ApiResource = { group: "config.openshift.io", version: "v1", resource: "images" };

/** Read once a process: it only decides whether two questions may be asked at the same time. */
export function clusterImportRules(objects: Pick<ClusterObjects, "get">): ImportRules {
  const shared = createSharedAnswers(Infinity, "reading the cluster's image configuration");
  return {
    allowedRegistries: (options) =>
      shared(
        "",
        async (signal) => {
          try {
            return allowedIn(await objects.get(imageConfig, "cluster", { signal }));
          } catch {
            return undefined;
          }
        },
        options.signal,
      ),
  };
}

function allowedIn(config: unknown): readonly AllowedRegistry[] | undefined {
  if (config === undefined) return undefined;
  return listAt(config, "spec", "allowedRegistriesForImport").map((entry) => ({
    domainName: textAt(entry, "domainName"),
    insecure: valueAt(entry, "insecure") === true,
  }));
}
