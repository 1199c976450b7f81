import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connectClient } from "../../../provider/containerEngine/client.js";
import { imageEngine } from "../../../provider/containerEngine/imageEngine.js";
import { options } from "../../support/fakes/engineMachine.js";
import { bytesOf } from "../../support/tarMembers.js";
import { useEngine } from "../../support/worlds/engine.js";

describe("imageEngine", () => {
  const scene = useEngine();

  describe("when an export fails", () => {
    beforeEach(async () => {
      await scene.open("docker-28");
      scene.sandbox.images.add(["acme/web:v1"], { layerBytes: 300_000 });
    });
    const exported = () => bytesOf(scene.engine.export(["acme/web:v1"], [], options));

    it("before it starts, gives no byte", async () => {
      scene.sandbox.faults.add({
        on: "export",
        kind: "answer",
        status: 500,
        body: { message: "no space left on device" },
      });
      let bytes = 0;
      await assert.rejects(async () => {
        for await (const chunk of scene.engine.export(["acme/web:v1"], [], options)) bytes += chunk.length;
      }, /Cannot export acme\/web:v1: unix:.* answered HTTP 500: no space left on device \[ENGINE_ERROR\]/);
      assert.equal(bytes, 0);
    });

    it("before it starts, by a lost connection, asks once more", async () => {
      scene.sandbox.faults.add({ on: "export", kind: "reset" });
      assert.ok((await exported()).length > 300_000);
      assert.equal(scene.sandbox.requests.length, 3);
    });

    it("with an error that never ends, reports the status", async () => {
      const server = createServer((incoming, outgoing) => {
        outgoing.setHeader("api-version", "1.51");
        if (incoming.url === "/_ping") outgoing.end("OK");
        else outgoing.writeHead(500).write('{"message":"no sp');
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      try {
        const stuck = await scene.connect({ host: `tcp://127.0.0.1:${port}`, timeoutSeconds: 0.2 });
        await assert.rejects(
          bytesOf(stuck.export(["acme/web:v1"], [], options)),
          /answered HTTP 500: HTTP 500 \[ENGINE_ERROR\]/,
        );
      } finally {
        server.closeAllConnections();
        server.close();
      }
    });

    it("by a cut connection, does not take the cut for the end", async () => {
      scene.sandbox.faults.add({ on: "export", kind: "cut" });
      await assert.rejects(exported(), /\(after \d+ bytes\).*cannot be reached.*ENGINE_UNREACHABLE/);
    });

    it("by silence after the first byte, gives up", async () => {
      const address = {
        host: scene.sandbox.host,
        origin: "test",
        apiVersion: undefined,
        route: { kind: "socket", path: scene.sandbox.host.slice(7) },
      } as const;
      const impatient = imageEngine(
        await connectClient({ address, timeoutMs: 5000, idleTimeoutMs: 50 }, options.signal),
      );
      scene.closing.unshift(impatient.close);
      scene.sandbox.faults.add({ on: "export", kind: "stall" });
      await assert.rejects(
        bytesOf(impatient.export(["acme/web:v1"], [], options)),
        /sent nothing more for 0\.05 s/,
      );
      scene.sandbox.faults.add({ on: "export", kind: "delay", milliseconds: 300 });
      assert.ok(
        (await bytesOf(impatient.export(["acme/web:v1"], [], options))).length > 300_000,
        "staging is no silence",
      );
    });

    it("by a late error, hands the error's bytes on to the check of the archive", async () => {
      scene.sandbox.faults.add({ on: "export", kind: "lateError", message: "disk full" });
      assert.match((await exported()).subarray(-60).toString(), /"error":"disk full"}$/);
    });

    it("by cancellation, gives the reason", async () => {
      const cancelled = new AbortController();
      const signal = cancelled.signal;
      scene.sandbox.faults.add({ on: "export", kind: "stall" });
      const reading = bytesOf(scene.engine.export(["acme/web:v1"], [], { signal }));
      setTimeout(() => cancelled.abort(), 50);
      await assert.rejects(reading, /CANCELLED/);
    });

    it("because its reader stops, closes the connection", async () => {
      for await (const chunk of scene.engine.export(["acme/web:v1"], [], options)) {
        assert.ok(chunk.length > 0);
        break;
      }
      assert.ok((await exported()).length > 300_000, "the next one has a connection of its own");
    });
  });
});
