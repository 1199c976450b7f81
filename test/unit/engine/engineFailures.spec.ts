import assert from "node:assert/strict";
import type { EngineAddress } from "../../../provider/engine/engineAddress.js";
import { engineUnreachable } from "../../../provider/engine/engineFailures.js";

const onSocket: EngineAddress = {
  host: "unix:///d.sock",
  origin: "usual place",
  apiVersion: undefined,
  route: { kind: "socket", path: "/d.sock" },
};
const overSsh: EngineAddress = {
  host: "ssh://build",
  origin: "variable DOCKER_HOST",
  apiVersion: undefined,
  route: { kind: "ssh", host: "build", user: undefined, port: undefined, socketPath: undefined },
};
const coded = (code: string) => Object.assign(new Error(code), { code });

describe("engineUnreachable", () => {
  for (const [name, address, error, words] of [
    ["EACCES", onSocket, coded("EACCES"), /this user may not use \/d\.sock; .*usermod -aG docker/],
    ["ENOENT", onSocket, coded("ENOENT"), /there is no socket \/d\.sock; is the engine running/],
    ["ECONNREFUSED", onSocket, coded("ECONNREFUSED"), /nothing listens at \/d\.sock/],
    ["a cut", onSocket, coded("UND_ERR_SOCKET"), /the connection was cut/],
    ["another one", onSocket, new Error("odd"), /cannot be reached: odd/],
    [
      "a refused key",
      overSsh,
      new Error("me@build: Permission denied (publickey)."),
      /key must be in its agent/,
    ],
    ["an unknown host key", overSsh, new Error("Host key verification failed."), /connect once by hand/],
    ["no engine there", overSsh, new Error("sh: 1: exec: podman: not found"), /neither docker .* nor podman/],
  ] as const) {
    it(`explains ${name}`, () => {
      const unreachable = engineUnreachable(error, address, "inspect image web");
      assert.equal(unreachable.code, "ENGINE_UNREACHABLE");
      assert.equal(unreachable.cause, error);
      assert.ok(
        unreachable.message.startsWith(`Cannot inspect image web: the container engine at ${address.host} (`),
      );
      assert.match(unreachable.message, words);
    });
  }
});
