import type { ClusterConditions, ImagePrunerState } from "../survey/survey.js";

/** The operator's own pruner, for people. */
export function describeImagePruner(state: ImagePrunerState): string {
  switch (state.kind) {
    case "absent":
      return "there is none";
    case "suspended":
      return "suspended";
    case "unreadable":
      return "may not be read";
    case "active": {
      const { schedule, keepTagRevisions, keepYoungerThan, isRunning } = state;
      const when = schedule === "" ? "daily" : schedule;
      const what = `keepTagRevisions ${keepTagRevisions}, keepYoungerThan ${keepYoungerThan}`;
      return `active (${when}; ${what})${isRunning ? "; running now" : ""}`;
    }
  }
}

/** The state of an upgrade or an operator, for people. */
export function describeCondition(state: ClusterConditions["clusterVersion" | "registryOperator"]): string {
  switch (state) {
    case "steady":
      return "no upgrade in progress";
    case "progressing":
      return "an upgrade is in progress";
    case "healthy":
      return "healthy";
    case "degraded":
      return "degraded";
    case "absent":
      return "there is none";
    case "unreadable":
      return "may not be read";
  }
}
