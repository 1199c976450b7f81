import assert from "node:assert/strict";
import { type EngineFault, type Fault, startEngine, startSandbox } from "okd-image-sandbox";
import { withSandbox } from "../client.js";

describe("settings that the sandbox refuses", () => {
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
    it(`a fault is refused, in process and over HTTP: ${name}`, async () => {
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
    it(`a request to the control address is refused: ${name}`, async () => {
      const answered = await fetch(`${open().sandbox.controlUrl}/sandbox/${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      assert.equal(answered.status, 400);
      assert.match(((await answered.json()) as { readonly error: string }).error, expected);
    });
  }

  it("a hook is refused whose match has a misspelt field", () => {
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
    it(`an option of startSandbox is refused: ${name}`, async () => {
      await assert.rejects(startSandbox(wrong), expected);
    });
  }

  it("an option of startEngine is refused: an unknown version, a misspelt field, TLS without a key", async () => {
    const start = (wrong: object) => startEngine(wrong as Parameters<typeof startEngine>[0]);
    await assert.rejects(start({ version: "docker-19" }), /startEngine: version must be "docker-20\.10" or/);
    await assert.rejects(start({ version: "podman-5", host: "x" }), /has no field "host"/);
    const listen = { protocol: "https", certificate: "x" };
    await assert.rejects(start({ version: "podman-5", listen }), /listen\.key is missing/);
  });

  const engineFaults: readonly (readonly [string, object, RegExp])[] = [
    ["an unknown kind", { on: "ping", kind: "resets" }, /kind must be "answer" or/],
    ["an unknown request", { on: "load", kind: "reset" }, /on must be "ping" or "inspect" or "export"/],
    ["half an archive of an answer that is none", { on: "inspect", kind: "cut" }, /on must be "export"/],
    [
      "a misspelt field",
      { on: "ping", kind: "answer", status: 500, statusText: "x" },
      /has no field "statusText"/,
    ],
    [
      "counts, which faults of engines do not have",
      { on: "ping", kind: "reset", times: 2 },
      /has no field "times"/,
    ],
  ];
  for (const [name, wrong, expected] of engineFaults) {
    it(`a fault of an engine is refused: ${name}`, async () => {
      const engine = await startEngine({ version: "podman-5" });
      try {
        assert.throws(() => engine.faults.add(wrong as EngineFault), expected);
      } finally {
        await engine.close();
      }
    });
  }
});
