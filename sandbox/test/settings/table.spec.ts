import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  changeSettings,
  reactionSettings,
  requestFilterSettings,
} from "okd-image-sandbox/internal/control/changeSettings";
import { controlRequests } from "okd-image-sandbox/internal/control/server";
import { engineProfiles } from "okd-image-sandbox/internal/engine/profiles";
import { engineFaultSettings, engineSettings } from "okd-image-sandbox/internal/engine/settings";
import { sandboxSettings } from "okd-image-sandbox/internal/optionSettings";
import { effectSettings, matchSettings } from "okd-image-sandbox/internal/server/faultSettings";
import { z } from "zod";
import { repositoryRoot } from "../../../test/support/repositoryRoot.js";

const readme = readFileSync(join(repositoryRoot, "sandbox/README.md"), "utf8");

interface Field {
  readonly path: string;
  /** Values that it may have, where they are few. */
  readonly values: readonly string[];
}

/** The fields of a schema that have no fields themselves, by their paths. */
function fieldsOf(schema: unknown, path = "", seen: readonly unknown[] = []): readonly Field[] {
  if (seen.includes(schema)) return [{ path, values: [] }];
  const inner = (next: unknown, at = path) => fieldsOf(next, at, [...seen, schema]);
  if (schema instanceof z.ZodOptional) return inner(schema.unwrap());
  if (schema instanceof z.ZodLazy) return inner(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => inner(option));
  if (schema instanceof z.ZodArray) {
    const elements = inner(schema.element, `${path}[]`);
    return elements.map((field) => (field.path === `${path}[]` ? { ...field, path } : field));
  }
  if (schema instanceof z.ZodRecord) {
    const entries = inner(schema.valueType, `${path}.*`);
    return entries.map((field) => (field.path === `${path}.*` ? { ...field, path } : field));
  }
  if (schema instanceof z.ZodObject && schema.def.catchall instanceof z.ZodNever) {
    return Object.entries(schema.shape).flatMap(([key, value]) =>
      inner(value, path === "" ? key : `${path}.${key}`),
    );
  }
  const values: Iterable<unknown> =
    schema instanceof z.ZodEnum ? schema.options : schema instanceof z.ZodLiteral ? schema.values : [];
  return [{ path, values: [...values].map(String) }];
}

/** Fields by kind, for a union whose members differ in `kind`. */
function byKind(
  prefix: string,
  union: z.ZodDiscriminatedUnion,
): readonly (readonly [string, readonly Field[]])[] {
  return (union.options as readonly z.ZodObject[]).map((option) => {
    const [kind] = (option.shape["kind"] as z.ZodLiteral).values;
    return [`${prefix} ${String(kind)}`, fieldsOf(option).filter(({ path }) => path !== "kind")];
  });
}

const servers = ["api"];
/** Changes have rows of their own. */
const ofReaction = Object.keys(reactionSettings(servers).shape).filter(
  (key) => !Object.hasOwn(matchSettings(servers).shape, key),
);
const fields = new Map<string, readonly Field[]>([
  ["startSandbox", fieldsOf(sandboxSettings)],
  ["match", fieldsOf(matchSettings(servers))],
  ...byKind("effect", effectSettings),
  ["reaction", ofReaction.map((path) => ({ path, values: [] }))],
  ["change", fieldsOf(changeSettings)],
  ["requests", fieldsOf(requestFilterSettings(servers))],
  ["startEngine", fieldsOf(engineSettings)],
  ...byKind("engine fault", engineFaultSettings),
]);

interface Row {
  readonly of: string;
  readonly fields: readonly string[];
  readonly values: string;
}

function documentedRows(): readonly Row[] {
  const [, section = ""] = readme.split("\n## All fields\n");
  return section
    .split("\n\n|")[1]!
    .split("\n")
    .slice(2)
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    .filter((cells) => cells.length > 3)
    .map(([, of = "", names = "", values = ""]) => ({
      of,
      fields: [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name),
      values,
    }));
}

describe("the table of fields in the sandbox's README", () => {
  const rows = documentedRows();
  const documentedAs = (of: string, field: string) =>
    rows.filter((row) => row.of === of && row.fields.includes(field));

  it("lists exactly the fields of all options, faults, changes and reactions", () => {
    const inCode = [...fields].flatMap(([of, all]) =>
      all.length === 0 ? [of] : [...new Set(all.map(({ path }) => `${of} ${path}`))],
    );
    const inTable = rows.flatMap((row) =>
      row.fields.length === 0 ? [row.of] : row.fields.map((field) => `${row.of} ${field}`),
    );

    assert.ok(inCode.length > 100);
    assert.deepEqual(inTable.toSorted(), inCode.toSorted());
  });

  it("names the values of every field that has few", () => {
    const missing = [...fields].flatMap(([of, all]) =>
      all.flatMap(({ path, values }) =>
        values
          .filter((value) => !documentedAs(of, path).some((row) => row.values.includes(`"${value}"`)))
          .map((value) => `${of} ${path} ${value}`),
      ),
    );
    const versions = Object.keys(engineProfiles);

    assert.deepEqual(
      missing.toSorted(),
      versions.map((version) => `startEngine version ${version}`).toSorted(),
    );
    assert.deepEqual(
      versions.filter((version) => !readme.includes(`\`${version}\``)),
      [],
    );
  });

  it("is accompanied by a table with every request of the control address", () => {
    const [, section = ""] = readme.split("\n## From another process\n");
    const documented = [...section.matchAll(/`(GET|POST|PUT|DELETE) \/sandbox\/([a-z-]+)/g)];

    assert.deepEqual(
      [...new Set(documented.map(([, method, collection]) => `${method} ${collection}`))].toSorted(),
      controlRequests.toSorted(),
    );
  });
});
