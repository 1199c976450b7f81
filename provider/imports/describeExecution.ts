import { nameList } from "../support/nameList.js";
import type { ImportExecution } from "./executeImport.js";

const shownTags = 10;

/** The lines about an execution that stay on the display; those of its progress do not. */
export function describeExecution({ imported, removed }: ImportExecution): readonly string[] {
  return [
    ...(imported.length > 0 ? [`imported ${nameList(imported, shownTags)}`] : []),
    ...(removed.length > 0 ? [`removed ${nameList(removed, shownTags)}`] : []),
  ];
}
