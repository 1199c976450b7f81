import type { ImageStream } from "../../../okd/imageStream.js";
import { streamName } from "../../../okd/streamName.js";
import { listAt, objectAt, textAt, valueAt } from "../../../support/json.js";
import { nameList } from "../../../support/text/wording.js";

/** The name under which the server notes our writes: our User-Agent up to the slash (facts/api-server.md 23). */
const ourManager = "pulumi-okd-images";
/** The server's own, and what people use once: neither writes again by itself. */
const harmless: ReadonlySet<string> = new Set([
  ...[ourManager, "openshift-controller-manager", "openshift-apiserver", "cluster-image-registry-operator"],
  ...["oc", "Mozilla", "kubectl-edit", "kubectl-patch", "kubectl-create", "kubectl-replace"],
  ...["kubectl-annotate", "kubectl-label", "kubectl-set"],
]);

const shown = 5;

/** Warns of whoever else defines these tags, as far as the server has noted it: the two would fight for them. */
export function otherManagers(stream: ImageStream | undefined, tags: readonly string[]): readonly string[] {
  if (stream === undefined) return [];
  const tagsOf = new Map<string, Set<string>>();
  for (const entry of listAt(stream, "metadata", "managedFields")) {
    const manager = textAt(entry, "manager");
    if (manager === "" || harmless.has(manager)) continue;
    const owned = tags.filter((tag) => ownsTag(valueAt(entry, "fieldsV1"), tag));
    if (owned.length > 0) tagsOf.set(manager, new Set([...(tagsOf.get(manager) ?? []), ...owned]));
  }
  return [...tagsOf].sort().map(([manager, owned]) => {
    const names = nameList([...owned].sort(), shown);
    return `${manager} defines ${names} of image stream ${streamName(stream.metadata)} too, as metadata.managedFields says: it and this program overwrite each other. Leave them to one of the two: take them out of what ${manager} applies, or out of this program`;
  });
}

/** A mere annotation or policy of a tag may be somebody's; what counts is where its image comes from. */
function ownsTag(fieldsV1: unknown, tag: string): boolean {
  const list = objectAt(fieldsV1, "f:spec", "f:tags");
  const fields = objectAt(list, `k:${JSON.stringify({ name: tag })}`);
  return Object.hasOwn(fields, "f:from");
}
