import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type EngineFault, type Fault, startEngine, startSandbox } from "okd-image-sandbox";
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
import { repositoryRoot } from "../../test/support/repositoryRoot.js";
import { withSandbox } from "./client.js";

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

describe("sandbox: its table of fields", () => {
  const rows = documentedRows();
  const documentedAs = (of: string, field: string) =>
    rows.filter((row) => row.of === of && row.fields.includes(field));

  it("has every field of every option, fault, change and reaction, and no other", () => {
    const inCode = [...fields].flatMap(([of, all]) =>
      all.length === 0 ? [of] : [...new Set(all.map(({ path }) => `${of} ${path}`))],
    );
    const inTable = rows.flatMap((row) =>
      row.fields.length === 0 ? [row.of] : row.fields.map((field) => `${row.of} ${field}`),
    );

    assert.ok(inCode.length > 100);
    assert.deepEqual(inTable.toSorted(), inCode.toSorted());
  });

  it("names every value where there are few", () => {
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

  it("stands beside a table of every request of the control address", () => {
    const [, section = ""] = readme.split("\n## From another process\n");
    const documented = [...section.matchAll(/`(GET|POST|PUT|DELETE) \/sandbox\/([a-z-]+)/g)];

    assert.deepEqual(
      [...new Set(documented.map(([, method, collection]) => `${method} ${collection}`))].toSorted(),
      controlRequests.toSorted(),
    );
  });
});

describe("sandbox: what is refused", () => {
  const open = withSandbox(() => ({ registries: { open: {} } }));
  const answer = { kind: "answer", status: 503 } as const;

  const faults: readonly (readonly [string, unknown, RegExp])[] = [
    [
      "a misspelt effect",
      { efect: answer },
      /has no field "efect"; its fields are server, .*effect; effect is missing|effect is missing.*"efect"/,
    ],
    [
      "a field of another server's API",
      { effect: { kind: "answer", statusCode: 503 } },
      /effect\.status .*; effect has no field "statusCode"/,
    ],
    [
      "an unknown kind",
      { effect: { kind: "answr", status: 503 } },
      /effect\.kind must be "answer" or "delay" or/,
    ],
    [
      "a status that is a text",
      { effect: { kind: "answer", status: "503" } },
      /effect\.status must be an HTTP status/,
    ],
    [
      "a status that no answer has",
      { effect: { kind: "answer", status: 99 } },
      /effect\.status must be an HTTP status/,
    ],
    [
      "a wait that no timer can wait",
      { effect: { kind: "delay", milliseconds: 2 ** 31 } },
      /effect\.milliseconds must be/,
    ],
    [
      "a moment that there is not",
      { effect: { kind: "cut", when: "later" } },
      /effect\.when must be "before" or "after" or "during"/,
    ],
    ["a method in lower case", { method: "get", effect: answer }, /method must be "GET" or/],
    [
      "a registry that there is not",
      { server: "opne", effect: answer },
      /server must be a server of this sandbox: api, open/,
    ],
    ["a bad expression", { path: "(", effect: answer }, /path must be a regular expression/],
    ["a header in capitals", { headers: { Authorization: "x" }, effect: answer }, /headers\.Authorization/],
    ["a negative count", { skip: -1, effect: answer }, /skip must be a whole number of 0 or more/],
    ["a misspelt count", { time: 2, effect: answer }, /has no field "time"/],
    [
      "a match beside importRow, which would be passed over",
      { path: "/x", effect: { kind: "importRow", tag: "a", row: "successWithoutImage" } },
      /has no field "path"/,
    ],
    [
      "a row that says nothing",
      { effect: { kind: "importRow", tag: "a", row: { code: 401 } } },
      /effect\.row must be "successWithoutImage" or/,
    ],
    ["a text", "answer", /must be an object/],
  ];
  for (const [name, fault, expected] of faults) {
    it(`as a fault: ${name}, in process and over HTTP`, async () => {
      const { sandbox } = open();
      assert.throws(() => sandbox.faults.add(fault as Fault), expected);
      const valid = { effect: answer, path: "/never" };
      const answered = await fetch(`${sandbox.controlUrl}/sandbox/faults`, {
        method: "POST",
        body: JSON.stringify([valid, fault]),
      });
      assert.equal(answered.status, 400);
      assert.match(((await answered.json()) as { readonly error: string }).error, expected);
      assert.deepEqual(sandbox.faults.list(), []);
    });
  }

  const requests: readonly (readonly [string, string, string, unknown, RegExp])[] = [
    [
      "a reaction with a misspelt match",
      "POST",
      "reactions",
      { methd: "GET", changes: [] },
      /has no field "methd"/,
    ],
    [
      "a reaction with a misspelt change",
      "POST",
      "reactions",
      { changes: [{ putt: {} }] },
      /changes\[0\] has no field "putt"/,
    ],
    [
      "two changes in one",
      "POST",
      "changes",
      { registryMode: "normal", clockOffsetSeconds: 1 },
      /must have one of put, patch/,
    ],
    [
      "a mode that there is not",
      "POST",
      "changes",
      { registryMode: "readonly" },
      /registryMode must be "normal" or "readOnly"/,
    ],
    [
      "a push without a name",
      "POST",
      "changes",
      { push: { namespace: "shop", image: { layers: ["x"] } } },
      /push\.name is missing/,
    ],
    [
      "a push of nothing",
      "POST",
      "changes",
      { push: { namespace: "shop", name: "a", image: { layer: ["x"] } } },
      /push\.image must be/,
    ],
    [
      "an object without a name",
      "PUT",
      "objects",
      { apiVersion: "v1", kind: "Pod", metadata: {} },
      /metadata\.name is missing/,
    ],
    ["a misspelt filter of the log", "GET", "requests?methd=GET", undefined, /has no field "methd"/],
    [
      "a filter by a server that there is not",
      "GET",
      "requests?server=opne",
      undefined,
      /server must be a server/,
    ],
  ];
  for (const [name, method, path, body, expected] of requests) {
    it(`over HTTP: ${name}`, async () => {
      const answered = await fetch(`${open().sandbox.controlUrl}/sandbox/${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      assert.equal(answered.status, 400);
      assert.match(((await answered.json()) as { readonly error: string }).error, expected);
    });
  }

  it("as what a hook waits for: a misspelt field", () => {
    const match = { metod: "GET" } as object;
    assert.throws(() => open().sandbox.onRequest(match, () => undefined), /has no field "metod"/);
  });

  const options: readonly (readonly [string, object, RegExp])[] = [
    ["a misspelt option", { throttleImport: false }, /startSandbox: has no field "throttleImport"/],
    ["a port that is a text", { port: "8443" }, /port must be a port, 0 to 65535/],
    ["a misspelt limit", { limits: { importSecond: 1 } }, /limits has no field "importSecond"/],
    [
      "a time limit of nothing",
      { limits: { importSeconds: 0 } },
      /limits\.importSeconds must be a number of seconds above 0/,
    ],
    [
      "a right with a misspelt field",
      { users: [{ name: "a", rules: [{ verb: ["get"] }] }] },
      /users\[0\]\.rules\[0\]/,
    ],
    [
      "a login of nobody",
      { registries: { r: { authentication: { scheme: "basic", username: "u" } } } },
      /authentication\.password is missing/,
    ],
    [
      "anonymous pulls without tokens",
      {
        registries: {
          r: { authentication: { scheme: "basic", username: "u", password: "p", anonymousPull: true } },
        },
      },
      /has no field "anonymousPull"/,
    ],
    ["a registry with the name of a server", { registries: { api: {} } }, /registries/],
    [
      "a host that plays a registry which is not there",
      { registryHosts: { "quay.io": "opne" } },
      /registryHosts\.quay\.io must be one of the registries open/,
    ],
    [
      "an object without a kind",
      { objects: [{ apiVersion: "v1", metadata: { name: "a" } }] },
      /objects\[0\]\.kind is missing/,
    ],
    [
      "a registry that is there and removed",
      { integratedRegistry: {}, registryRemoved: true },
      /registryRemoved must not be given together with integratedRegistry/,
    ],
    [
      "a protocol that there is not",
      { integratedRegistry: { protocol: "both" } },
      /integratedRegistry\.protocol must be "https" or "http"/,
    ],
  ];
  for (const [name, wrong, expected] of options) {
    it(`as an option of a sandbox: ${name}`, async () => {
      await assert.rejects(startSandbox(wrong), expected);
    });
  }

  it("as an option of an engine: an unknown version, a misspelt field, TLS without a key", async () => {
    const start = (wrong: object) => startEngine(wrong as Parameters<typeof startEngine>[0]);
    await assert.rejects(start({ version: "docker-19" }), /startEngine: version must be "docker-20\.10" or/);
    await assert.rejects(start({ version: "podman-5", host: "x" }), /has no field "host"/);
    const listen = { protocol: "https", certificate: "x" };
    await assert.rejects(start({ version: "podman-5", listen }), /listen\.key is missing/);
  });

  const engineFaults: readonly (readonly [string, object, RegExp])[] = [
    ["an unknown kind", { on: "ping", kind: "resets" }, /kind must be "answer" or/],
    ["an unknown request", { on: "load", kind: "reset" }, /on must be "ping" or "inspect" or "export"/],
    ["half an archive of what is none", { on: "inspect", kind: "cut" }, /on must be "export"/],
    [
      "a misspelt field",
      { on: "ping", kind: "answer", status: 500, statusText: "x" },
      /has no field "statusText"/,
    ],
    [
      "counts, which engines' faults have not",
      { on: "ping", kind: "reset", times: 2 },
      /has no field "times"/,
    ],
  ];
  for (const [name, wrong, expected] of engineFaults) {
    it(`as a fault of an engine: ${name}`, async () => {
      const engine = await startEngine({ version: "podman-5" });
      try {
        assert.throws(() => engine.faults.add(wrong as EngineFault), expected);
      } finally {
        await engine.close();
      }
    });
  }
});
