import type { ImageStream } from "../../okd/imageStream.js";
import { isImageError } from "../../support/imageError.js";
import type { ImageTag } from "../args/desiredStream.js";
import type { ImportRow } from "../failure/explain.js";
import type { LookupPlan } from "../plan/lookups.js";
import { doubtfulImages, goneWarnings } from "../plan/warnings/goneImages.js";
import { localCopyWarnings } from "../plan/warnings/localCopies.js";
import { onePlatformTags, onePlatformWarnings } from "../plan/warnings/onePlatform.js";
import { otherManagers } from "../plan/warnings/otherManagers.js";
import type { Cluster } from "../ports.js";
import { lookUpTags } from "./lookUpTags.js";
import type { ResolveStreamRequest, ResolveWatch } from "./resolution.js";

type Rows = ReadonlyMap<string, ImportRow>;

export interface AnsweredLookups {
  readonly plan: LookupPlan;
  readonly rows: Rows;
  /** The stream's address in the integrated registry. */
  readonly repository: string | undefined;
  /** The stream as a dry run answered it. */
  readonly answer: ImageStream | undefined;
}

/** Warns of what is likely to go wrong later. What has to be asked for is asked in a preview only, where people look. */
export async function warnOfTags(
  cluster: Cluster,
  request: ResolveStreamRequest,
  answered: AnsweredLookups,
  watch: ResolveWatch,
): Promise<void> {
  const { plan } = answered;
  const { desired, observed, isPreview } = request;
  const isWork = plan.isDue || plan.lookups.some(({ purpose }) => purpose === "needed");
  const names = desired.tags.map(({ name }) => name);
  const managers = isWork ? otherManagers(observed.stream, names) : [];
  const known = [...managers, ...localCopyWarnings(plan, answered.repository)];
  const asked = isPreview ? await askedWarnings(cluster, request, answered, watch) : [];
  for (const warning of [...known, ...asked]) watch.warn(warning);
}

/** Images that are looked up for a kind of warning: a repository may have a thousand, and what holds for one tag may for all. */
const mostAsked = 30;

/** None where the questions cannot be answered. */
async function askedWarnings(
  cluster: Cluster,
  request: ResolveStreamRequest,
  { plan, rows, answer }: AnsweredLookups,
  { signal }: ResolveWatch,
): Promise<readonly string[]> {
  const { desired, observed } = request;
  const key = { namespace: desired.namespace, name: desired.name };
  const ask = async (tags: readonly ImageTag[]): Promise<Rows> =>
    await lookUpTags(cluster.streams, key, tags, observed.stream, signal);
  const platforms = async (): Promise<readonly string[]> => {
    const tags = onePlatformTags(plan, rows, answer).slice(0, mostAsked);
    const nodes = tags.length === 0 ? [] : await cluster.nodes.architectures({ signal });
    if (nodes === undefined || nodes.length < 2) return [];
    return onePlatformWarnings(tags, { chosen: rows, whole: await ask(tags) }, nodes);
  };
  const gone = async (): Promise<readonly string[]> => {
    const doubtful = doubtfulImages(plan, rows, desired).slice(0, mostAsked);
    return doubtful.length === 0 ? [] : goneWarnings(doubtful, await ask(doubtful));
  };
  try {
    return (await Promise.all([platforms(), gone()])).flat();
  } catch (error) {
    if (isImageError(error) && !signal.aborted) return [];
    throw error;
  }
}
