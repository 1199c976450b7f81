import { generatedMark, page, table } from "./markdown.js";
import type { PublicMember, PublicTypes } from "./publicTypes.js";
import type { ResourcePage, TypeSection } from "./resourcePages.js";

/** The page of a resource: its arguments with their defaults, and its outputs, each by its path. */
export function renderResource(
  { resource, call, seeAlso, args, outputs, inherited = [] }: ResourcePage,
  types: PublicTypes,
): string {
  const { meaning, members } = types.type(resource);
  const [ownArgs, ...nestedArgs] = args;
  const ownOutputs = [
    ...inherited.map(([name, type, text]) => [code(name), code(type), text]),
    ...members.map((member) => outputRow(member, "")),
  ];
  return page([
    `# ${resource}`,
    generatedMark,
    linked(meaning),
    `\`${call}\``,
    `${seeAlso} In names \`*\` stands for any key, and \`[]\` for each entry of a list.`,
    "## Arguments",
    linked(types.type(ownArgs.type).meaning),
    argumentTable(ownArgs, types),
    ...nestedArgs.flatMap((section) => [
      headingOf(section),
      linked(types.type(section.type).meaning),
      argumentTable(section, types),
    ]),
    "## Outputs",
    table(["output", "type", "meaning"], ownOutputs),
    ...outputs.flatMap((section) => [
      headingOf(section),
      linked(types.type(section.type).meaning),
      table(
        ["output", "type", "meaning"],
        types.type(section.type).members.map((member) => outputRow(member, section.prefix)),
      ),
    ]),
  ]);
}

function headingOf({ prefix = "", heading }: TypeSection): string {
  return `### ${heading ?? code(prefix.replace(/\.$/, ""))}`;
}

export function argumentTable({ type, prefix = "" }: TypeSection, types: PublicTypes): string {
  const rows = types
    .type(type)
    .members.map((member) => [
      code(`${prefix}${member.name}`),
      code(member.type),
      member.isRequired ? "required" : defaultText(member.default ?? ""),
      linked(member.meaning),
    ]);
  return table(["argument", "type", "default", "meaning"], rows);
}

export function outputRow({ name, type, meaning }: PublicMember, prefix = ""): readonly string[] {
  return [code(`${prefix}${name}`), code(type), linked(meaning)];
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Values stand as code, words as words. */
export function defaultText(text: string): string {
  return text.replace(/^("[^"]*"|\[\]|true|false|[\d.]+)(?=$|[ ;])/, (value) => code(value));
}

/** `{@link ConnectionArgs}` of a doc comment leads to the page about it. */
export function linked(text: string): string {
  return text.replaceAll(/\{@link ConnectionArgs\}/g, "[connection](connection.md)");
}
