import { isNamespaceMissing, listNames, namespaceResource } from "../../okd/objectNames.js";
import type { RequestOptions } from "../../okd/requestOptions.js";
import { streamName } from "../../okd/streamName.js";
import { memoized } from "../../support/async/memoized.js";
import { didYouMean } from "../../support/text/wording.js";
import type { StreamFacts } from "../../usage/streamFacts.js";
import type { PrunePolicy } from "../args/policy.js";
import { type NamedThing, namedThings } from "../plan/namedThings.js";
import type { PruneCluster } from "../ports.js";

const advice = "Correct the name; if this program makes it, name what makes it in dependsOn";

/**
 * One sentence for each thing that the arguments name and the cluster does not have: a policy for it would find nothing to
 * prune, or keep nothing. Silent about things that may not be read.
 */
export async function checkNames(
  { objects }: Pick<PruneCluster, "objects">,
  policy: PrunePolicy,
  streams: readonly StreamFacts[],
  options: RequestOptions,
): Promise<readonly string[]> {
  const inhabited = new Set(streams.map(({ namespace }) => namespace));
  const existing = new Set(streams.map(streamName));
  const isMissing = memoized((namespace) => isNamespaceMissing(objects, namespace, options));
  const problems: string[] = [];
  for (const { argument, namespace, stream } of namedThings(policy)) {
    if (!inhabited.has(namespace) && (await isMissing(namespace))) {
      const near = didYouMean(namespace, [
        ...inhabited,
        ...(await listNames(objects, namespaceResource, options)),
      ]);
      problems.push(sentence(argument, `there is no namespace ${namespace}`, near, "NAMESPACE_NOT_FOUND"));
    } else if (stream !== undefined && !existing.has(`${namespace}/${stream}`)) {
      const near = didYouMean(`${namespace}/${stream}`, existing);
      problems.push(
        sentence(argument, `there is no image stream ${namespace}/${stream}`, near, "STREAM_NOT_FOUND"),
      );
    }
  }
  return problems;
}

function sentence(argument: NamedThing["argument"], text: string, near: string, code: string): string {
  return `${argument}: ${text}${near === "" ? "." : near} ${advice} [${code}]`;
}
