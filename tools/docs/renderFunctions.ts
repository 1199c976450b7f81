import { type FunctionSection, functionSections } from "./functionSections.js";
import { generatedMark, page, table } from "./markdown.js";
import type { PublicTypes } from "./publicTypes.js";
import { argumentTable, linked, outputRow } from "./renderResource.js";
import type { TypeSection } from "./resourcePages.js";

/** The page of all functions that programs call: what they take, and what they give. */
export function renderFunctions(types: PublicTypes): string {
  return page([
    "# Functions",
    generatedMark,
    "Guides: [import images](../guides/import-images.md#look-before-importing), [roll out workloads](../guides/roll-out-workloads.md). In names `*` stands for any key, and `[]` for each entry of a list. Arguments may be outputs of other resources, except where a section says otherwise.",
    ...functionSections.flatMap((section) => functionBlocks(section, types)),
  ]);
}

function functionBlocks(
  { functions, args, outputs }: FunctionSection,
  types: PublicTypes,
): readonly string[] {
  const described = functions.map((name) => types.function(name));
  return [
    `## ${functions[0]}`,
    ...described.flatMap(({ call, meaning }) => [`\`okd.${call}\``, linked(meaning)]),
    ...args.flatMap((section) => [...heading(section, types), argumentTable(section, types)]),
    ...outputs.flatMap((section) => [...heading(section, types), resultTable(section, types)]),
  ];
}

function resultTable({ type, prefix }: TypeSection, types: PublicTypes): string {
  return table(
    ["result", "type", "meaning"],
    types.type(type).members.map((member) => outputRow(member, prefix)),
  );
}

function heading(section: TypeSection, types: PublicTypes): readonly string[] {
  const { type, prefix, heading: text } = section;
  const name = text ?? (prefix === undefined ? undefined : `\`${prefix.replace(/\.$/, "")}\``);
  return [...(name === undefined ? [] : [`### ${name}`]), linked(types.type(type).meaning)];
}
