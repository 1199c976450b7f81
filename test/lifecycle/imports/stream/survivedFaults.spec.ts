import assert from "node:assert/strict";
import type { ImportWorld } from "../../../support/worlds/imports.js";
import { startWebWorld, webStream } from "../../../support/worlds/webStream.js";

describe("ImportedImageStream", () => {
  let world: ImportWorld;
  let v1: string;

  beforeEach(async () => {
    ({ world, v1 } = await startWebWorld());
  });
  afterEach(() => world.sandbox.close());

  const one = (more: object = {}) => webStream(world, { v1: "quay.io/acme/web:v1" }, more);

  describe("trouble", () => {
    const survived: readonly {
      readonly name: string;
      readonly fault: Parameters<ImportWorld["sandbox"]["faults"]["add"]>[0];
    }[] = [
      {
        name: "409 on the definition",
        fault: {
          method: "POST",
          path: "/imagestreams$",
          effect: { kind: "answer", status: 409, body: conflict() },
        },
      },
      {
        name: "429 on a read",
        fault: {
          method: "GET",
          path: "/imagestreams/web$",
          effect: { kind: "answer", status: 429, headers: { "retry-after": "0" } },
        },
      },
      {
        name: "503 on a read",
        fault: {
          method: "GET",
          path: "/imagestreams/web$",
          times: 2,
          effect: { kind: "answer", status: 503, body: "service unavailable" },
        },
      },
      {
        name: "503 on an import",
        fault: {
          method: "POST",
          path: "/imagestreamimports",
          effect: { kind: "answer", status: 503, headers: { "retry-after": "0" } },
        },
      },
      {
        name: "a cut connection before an import",
        fault: { method: "POST", path: "/imagestreamimports", effect: { kind: "cut", when: "before" } },
      },
      {
        name: "a cut connection after an import was stored",
        fault: {
          method: "POST",
          path: "/imagestreamimports",
          body: '"import":true',
          effect: { kind: "cut", when: "after" },
        },
      },
      {
        name: "a 504 after an import was stored",
        fault: {
          method: "POST",
          path: "/imagestreamimports",
          body: '"import":true',
          effect: {
            kind: "answer",
            status: 504,
            afterEffect: true,
            body: { metadata: {}, status: "Failure", reason: "Timeout", code: 504 },
          },
        },
      },
      {
        name: "a cut connection after the stream was created",
        fault: { method: "POST", path: "/imagestreams$", effect: { kind: "cut", when: "after" } },
      },
      {
        name: "a 504 after the stream was created",
        fault: {
          method: "POST",
          path: "/imagestreams$",
          effect: {
            kind: "answer",
            status: 504,
            afterEffect: true,
            body: { metadata: {}, status: "Failure", reason: "Timeout", code: 504 },
          },
        },
      },
      {
        name: "409 on an import",
        fault: {
          method: "POST",
          path: "/imagestreamimports",
          body: '"import":true',
          effect: { kind: "answer", status: 409, body: conflict() },
        },
      },
    ];
    for (const { name, fault } of survived) {
      it(`${name} is survived`, async () => {
        const id = world.sandbox.faults.add(fault);
        const pulumi = world.pulumi();

        await pulumi.up(one());

        assert.ok(
          world.sandbox.faults.list().find((active) => active.id === id)!.hits > 0,
          "the fault was met",
        );
        assert.equal(world.served("v1"), v1);
        assert.equal(world.stream()!.status!.tags![0]!.items!.length, 1);
        assert.equal((await pulumi.up(one())).step, "same");
      }).timeout(30_000);
    }
  });
});

function conflict(): object {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    reason: "Conflict",
    message: "the object has been modified",
    code: 409,
  };
}
