import type { LookupPlan } from "../lookups.js";
import { nameList } from "../../../support/text/wording.js";

const shown = 5;

/**
 * What `referencePolicy: Local` does not do, for tags that are about to be imported (facts/registries.md 24).
 * @param repository the stream's address in the integrated registry; empty or undefined without one
 */
export function localCopyWarnings(
  { lookups }: Pick<LookupPlan, "lookups">,
  repository: string | undefined,
): readonly string[] {
  const names = lookups
    .filter(({ tag, purpose }) => purpose === "needed" && tag.referencePolicy === "Local" && !tag.mirror)
    .map(({ tag }) => tag.name);
  if (names.length === 0) return [];
  const list = nameList(names, shown);
  return repository === undefined || repository === ""
    ? [
        `${list}: referencePolicy "Local" does nothing here, because the cluster has no registry of its own: workloads pull from the source`,
      ]
    : [
        `${list}: referencePolicy "Local" copies nothing until somebody pulls the image: until then it is gone when its source deletes it. mirror: true copies it at once`,
      ];
}
