import type { ImportExecution } from "./executeImport.js";

const shownNames = 10;

/** The lines about an execution that stay on the display; those of its progress do not. */
export function describeExecution({ imported, removed }: ImportExecution): readonly string[] {
  return [
    ...(imported.length > 0 ? [`imported ${nameList(imported)}`] : []),
    ...(removed.length > 0 ? [`removed ${nameList(removed)}`] : []),
  ];
}

function nameList(names: readonly string[]): string {
  const shown = names.slice(0, shownNames).join(", ");
  return names.length > shownNames ? `${shown} and ${names.length - shownNames} more` : shown;
}
