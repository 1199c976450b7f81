import { renderConnection } from "./renderConnection.js";
import { renderErrors } from "./renderErrors.js";
import { PublicTypes } from "./publicTypes.js";
import { functionSections } from "./functionSections.js";
import { renderFunctions } from "./renderFunctions.js";
import { renderResource } from "./renderResource.js";
import { resourcePages } from "./resourcePages.js";

/** Pages below docs/reference that are made of the package's declarations, `declarations` its index.d.ts. */
export function generatedPages(declarations: string): ReadonlyMap<string, string> {
  const sections = [...resourcePages, ...functionSections].flatMap(({ args, outputs }) => [
    ...args,
    ...outputs,
  ]);
  const types = new PublicTypes(declarations, ["ConnectionArgs", ...sections.map(({ type }) => type)]);
  return new Map([
    ...resourcePages.map((page) => [page.file, renderResource(page, types)] as const),
    ["functions.md", renderFunctions(types)],
    ["connection.md", renderConnection(types)],
    ["errors.md", renderErrors()],
  ]);
}
