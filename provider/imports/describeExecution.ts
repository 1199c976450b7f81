import type { ImportExecution } from "./executeImport.js";

const shownNames = 10;

/** The lines about an execution that stay on the display; those of its progress do not. */
export function describeExecution({ imported, removed }: ImportExecution): readonly string[] {
  return [
    ...(imported.length > 0 ? [`imported ${nameList(imported)}`] : []),
    ...(removed.length > 0 ? [`removed ${nameList(removed)}`] : []),
  ];
}

/** `v1, v2 and 3 more` */
export function nameList(names: readonly string[], most = shownNames): string {
  const shown = names.slice(0, most).join(", ");
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
