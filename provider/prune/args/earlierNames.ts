import type { ArgumentIssue } from "../../support/arguments/parsed.js";
import type { Fields } from "../../support/json.js";

/** Recorded arguments by the names of today: states of earlier versions hold `limits.items` for `limits.revisions`. */
export function withCurrentNames(recorded: Fields): Fields {
  const { limits } = recorded;
  if (typeof limits !== "object" || limits === null || !("items" in limits)) return recorded;
  const { items, ...others } = limits;
  return { ...recorded, limits: { ...others, revisions: items } };
}

/** Tells a program that uses an earlier name the one of today. */
export function withCurrentName(issue: ArgumentIssue): ArgumentIssue {
  return issue.path.join(".") === "limits.items"
    ? { ...issue, message: "is called limits.revisions now" }
    : issue;
}
