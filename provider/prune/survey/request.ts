import type { RequestOptions } from "../../okd/requestOptions.js";
import type { ProgressClock } from "../../support/progress.js";
import type { ExtraReference, PruneArgs } from "../args/parsed.js";
import type { PrunePolicy } from "../args/policy.js";

/** What is to be found out about a cluster. */
export interface SurveyRequest {
  /** `oc` reads fewer kinds and no extraReferences, and with a namespace only the workloads and streams in it. */
  readonly rules: PrunePolicy["rules"];
  readonly namespace: string | undefined;
  readonly extraReferences: readonly ExtraReference[];
  /** Globs of resources that may be unreadable: `builds` or `builds.build.openshift.io`. Images and streams never may. */
  readonly allowUnreadable: readonly string[];
  /** Globs of `<plural>.<group>`: what discovery finds and is not read, because nothing in it is an image's user. */
  readonly skipKinds: readonly string[];
}

export interface SurveyOptions extends RequestOptions {
  /** Called with the progress of the lists, at most every two seconds. */
  readonly progress: (text: string) => void;
  readonly progressClock?: ProgressClock | undefined;
  /** This machine's clock, milliseconds since 1970. */
  readonly now: () => number;
}

/** What the rules of a policy need to know. */
export function surveyRequest({ policy, ...args }: PruneArgs): SurveyRequest {
  const { extraReferences, allowUnreadable, skipKinds } = args;
  return { rules: policy.rules, namespace: policy.namespace, extraReferences, allowUnreadable, skipKinds };
}
