import { Script, createContext } from "node:vm";
import { type Page, sectionOf } from "./pages.js";

/** A row of a table that says what becomes of an option of another tool. */
export interface ProgramRow {
  /** The first cell, as it is written. */
  readonly option: string;
  /** What stands in backticks in the second cell. */
  readonly line: string;
}

/** The rows below a heading, of its first table. */
export function programRows(page: Page, heading: string): readonly ProgramRow[] {
  const [, ...rows] = sectionOf(page, heading)
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^\|[-|]+$/.test(line));
  return rows.map((row) => {
    const [, option = "", program = ""] = row.split(/(?<!\\)\|/).map((cell) => cell.trim());
    return { option, line: /^`([^`]+)`$/.exec(program)?.[1] ?? "" };
  });
}

/** What the line says where these names are known: properties of an object, or an expression in brackets. */
export function evaluated(line: string, scope: Readonly<Record<string, unknown>>): unknown {
  const text = line.startsWith("[") ? line : `({ ${line} })`;
  return new Script(text).runInContext(createContext({ ...scope }));
}
