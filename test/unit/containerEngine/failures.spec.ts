import assert from "node:assert/strict";
import type { EngineAddress } from "../../../provider/containerEngine/address/resolve.js";
import { engineUnreachable } from "../../../provider/containerEngine/failures.js";

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
const fromContext: EngineAddress = { ...onSocket, origin: "Docker context x (variable DOCKER_CONTEXT)" };
const onPipe: EngineAddress = {
  ...onSocket,
  host: "npipe:////./pipe/docker_engine",
  route: { kind: "socket", path: "\\\\.\\pipe\\docker_engine" },
};
const overTls: EngineAddress = {
  ...onSocket,
  host: "tcp://build:2376",
  route: {
    kind: "tcp",
    origin: "https://build:2376",
    basePath: "",
    tls: undefined,
    proxyUrl: "http://me:hunter22@proxy:3128",
  },
};
const coded = (code: string) => Object.assign(new Error(code), { code });

describe("engineUnreachable", () => {
  for (const [name, address, error, words] of [
    ["EACCES", onSocket, coded("EACCES"), /this user may not use \/d\.sock; .*usermod -aG docker/],
    [
      "ENOENT",
      onSocket,
      coded("ENOENT"),
      /there is no socket \/d\.sock; is the engine running.*systemctl start docker.*elsewhere, set engine\.host or DOCKER_HOST/,
    ],
    [
      "ENOTDIR",
      fromContext,
      coded("ENOTDIR"),
      /no socket .*elsewhere, correct the Docker context x \(variable DOCKER_/,
    ],
    ["ECONNREFUSED", onSocket, coded("ECONNREFUSED"), /nothing listens at \/d\.sock; is the engine running/],
    ["a pipe of Windows", onPipe, coded("ENOENT"), /is the engine running \(Docker Desktop\)/],
    ["a path that is too long", onSocket, coded("EINVAL"), /too long for a socket/],
    ["a cut", onSocket, coded("UND_ERR_SOCKET"), /the connection was cut/],
    ["another one", onSocket, new Error("odd"), /cannot be reached: odd/],
    [
      "a refused key",
      overSsh,
      new Error("me@build: Permission denied (publickey)."),
      /key must be in its agent/,
    ],
    ["an unknown host key", overSsh, new Error("Host key verification failed."), /connect once by hand/],
    [
      "another host key",
      overSsh,
      new Error("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\r\nHost key verification failed."),
      /another key than before.*HAS CHANGED! @ Host.*find out why/,
    ],
    ["no ssh", overSsh, new Error("ssh cannot be run: spawn ssh ENOENT"), /install OpenSSH's client/],
    [
      "a user without rights there",
      overSsh,
      new Error(
        "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
      ),
      /that user may not use the engine there.*usermod -aG docker/,
    ],
    [
      "a host of no name",
      overSsh,
      new Error("ssh: Could not resolve hostname build"),
      /: ssh: Could not resolve/,
    ],
    [
      "a CA that is not trusted",
      overTls,
      coded("SELF_SIGNED_CERT_IN_CHAIN"),
      /give that CA as engine\.caCert or as ca\.pem in DOCKER_CERT_PATH/,
    ],
    [
      "a proxy that wants a user",
      overTls,
      new Error("Proxy Authentication Required (407)"),
      /through the proxy proxy:3128\) cannot be reached: the proxy answered 407; give its user and password in HTTP/,
    ],
    [
      "what would move a terminal's cursor",
      onSocket,
      new Error("a\u001b[2J\nb"),
      /cannot be reached: a \[2J b/,
    ],
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
      assert.doesNotMatch(unreachable.message, /hunter22/);
    });
  }
});
