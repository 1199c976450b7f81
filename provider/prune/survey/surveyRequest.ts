import type { SurveyRequest } from "./loadSurvey.js";
import type { PruneArgs } from "../pruneArgs.js";

/** What the policy needs to know about the cluster. */
export function surveyRequest({ policy, extraReferences, allowUnreadable }: PruneArgs): SurveyRequest {
  return { rules: policy.rules, namespace: policy.namespace, extraReferences, allowUnreadable };
}
