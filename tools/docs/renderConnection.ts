import { fieldsFromEnvironment, stackConfigKeys } from "../../provider/cluster/connection/fields.js";
import { generatedMark, page, table } from "./markdown.js";
import type { PublicTypes } from "./publicTypes.js";
import { defaultText } from "./renderResource.js";

/** Every setting of a connection with its key of the stack's configuration and its variables, as the code reads them. */
export function renderConnection(types: PublicTypes): string {
  const { meaning, members } = types.type("ConnectionArgs");
  const variables = variablesByField();
  const rows = members.map((member) => [
    `\`${member.name}\``,
    stackConfigKeys
      .filter((key) => key === `okd:${member.name}`)
      .map((key) => `\`${key}\``)
      .join(", "),
    (variables.get(member.name) ?? []).join(", "),
    `\`${member.type}\``,
    defaultText(member.default ?? ""),
    member.meaning,
  ]);
  return page([
    "# Connection",
    generatedMark,
    meaning,
    "[Connection](../start/connection.md) says which place decides, and what happens when credentials are refused.",
    table(["`connection`", "stack config", "variables", "type", "default", "meaning"], rows),
    "Relative paths start at the folder of the program. Empty variables count as absent.",
  ]);
}

/** Found by reading an environment in which nothing but one variable is set. */
function variablesByField(): ReadonlyMap<string, readonly string[]> {
  const names: string[] = [];
  fieldsFromEnvironment((name) => {
    names.push(name);
    return undefined;
  });
  const found = new Map<string, string[]>();
  for (const name of [...new Set(names)].sort((a, b) => rankOf(a) - rankOf(b))) {
    const { field, isReversed } = fieldOf(name);
    found.set(field, [...(found.get(field) ?? []), `\`${name}\`${isReversed ? " (reversed)" : ""}`]);
  }
  return found;
}

/** Ours first, then Ansible's, then everybody's. */
function rankOf(variable: string): number {
  if (variable.startsWith("OKD_")) return 0;
  return variable.startsWith("K8S_AUTH_") ? 1 : 2;
}

function fieldOf(variable: string): { readonly field: string; readonly isReversed: boolean } {
  try {
    const { inputs } = fieldsFromEnvironment((name) => (name === variable ? "1" : undefined));
    const [[field, value] = ["", undefined]] = Object.entries(inputs);
    return { field, isReversed: value === false };
  } catch (error) {
    // A variable that needs another one beside it is named by the error that says so.
    const [, field = ""] = /^connection\.(\w+):/.exec(error instanceof Error ? error.message : "") ?? [];
    return { field, isReversed: false };
  }
}
