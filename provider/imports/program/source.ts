import { streamName } from "../../okd/streamName.js";
import {
  flatLiteral,
  type Literal,
  printWidth,
  propertyLines,
  textLiteral,
} from "../../support/text/literals.js";
import { visibleText } from "../../support/text/visible.js";
import type { Declaration } from "./declaration.js";
import { type ProgramName, programNames } from "./names.js";

export interface ProgramHead {
  /** Lines at the top, for people. */
  readonly comments: readonly string[];
  /** Written once, and given to every resource; empty where the connection is the usual one. */
  readonly connection: Readonly<Record<string, Literal>>;
}

/** A TypeScript program with the declarations, formatted as prettier does. */
export function programSource(declarations: readonly Declaration[], head: ProgramHead): string {
  const isConnected = Object.keys(head.connection).length > 0;
  const names = programNames(declarations);
  const parts = declarations.map((declaration, position) => {
    const name = names[position];
    return name === undefined ? "" : resourceSource(declaration, name, isConnected);
  });
  const connection = isConnected ? [connectionSource(head.connection)] : [];
  const start = `${commentLines(head.comments)}import * as okd from "pulumi-okd-images";\n`;
  return [start, ...connection, ...parts].join("\n");
}

function connectionSource(connection: Readonly<Record<string, Literal>>): string {
  const line = `const connection = ${flatLiteral(connection)};`;
  return line.length <= printWidth
    ? `${line}\n`
    : `const connection = {\n${propertyLines(connection, 2)}};\n`;
}

function resourceSource(
  { args, remarks, ...stream }: Declaration,
  { identifier, resource }: ProgramName,
  isConnected: boolean,
): string {
  if (args === undefined) {
    return commentLines([`${streamName(stream)}: there is nothing to declare.`, ...remarks]);
  }
  const comments = remarks.length === 0 ? "" : commentLines([`${streamName(stream)}:`, ...remarks]);
  return comments + construction(`const ${identifier} =`, resource, { args, isConnected });
}

interface Arguments {
  readonly args: Readonly<Record<string, Literal>>;
  readonly isConnected: boolean;
}

/** The four ways in which prettier writes such a line, from the shortest to the longest. */
function construction(start: string, resource: string, args: Arguments): string {
  const call = "new okd.ImportedImageStream(";
  const name = textLiteral(resource);
  const hugged = (indent: number) => `${call}${name}, ${objectLines(args, indent)});\n`;
  const spread = (indent: number) => {
    const pad = " ".repeat(indent);
    return `${call}\n${pad}  ${name},\n${pad}  ${objectLines(args, indent + 2)},\n${pad});\n`;
  };
  const opening = `${call}${name}, {`;
  if (`${start} ${opening}`.length <= printWidth) return `${start} ${hugged(0)}`;
  if (`${start} ${call}`.length <= printWidth) return `${start} ${spread(0)}`;
  return `${start}\n  ${`  ${opening}`.length <= printWidth ? hugged(2) : spread(2)}`;
}

function objectLines({ args, isConnected }: Arguments, indent: number): string {
  const { adopt, ...declared } = args;
  const inner = indent + 2;
  const pad = " ".repeat(inner);
  const connection = isConnected ? `${pad}connection,\n` : "";
  const adoption = adopt === undefined ? "" : `${pad}adopt: true, // only for the first up\n`;
  return `{\n${connection}${propertyLines(declared, inner)}${adoption}${" ".repeat(indent)}}`;
}

/** A line each, out of which nothing leads, whatever names are in it. */
function commentLines(lines: readonly string[]): string {
  return lines.map((line) => `// ${visibleText(line)}\n`).join("");
}
