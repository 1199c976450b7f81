import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireSettings } from "../settings/require.js";
import { EngineFaults } from "./faults.js";
import { EngineImages } from "./images.js";
import { engineProfiles } from "./profiles.js";
import { type EngineParts, serveEngine } from "./server.js";
import { engineSettings, type SandboxEngineOptions } from "./settings.js";

/** A container engine's image API, with images made on the spot. */
export interface SandboxEngine {
  /** As in DOCKER_HOST: `unix:///tmp/.../docker.sock`, `tcp://127.0.0.1:41234`. */
  readonly host: string;
  readonly images: EngineImages;
  readonly faults: EngineFaults;
  /** Method, path and query of every request, oldest first. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

export async function startEngine(options: SandboxEngineOptions): Promise<SandboxEngine> {
  requireSettings("startEngine", engineSettings, options);
  const { version, listen } = options;
  const profile = engineProfiles[version];
  const parts: EngineParts = {
    profile,
    images: new EngineImages(profile.store),
    faults: new EngineFaults(),
    requests: [],
  };
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    serveEngine(parts, incoming, outgoing).catch(() => incoming.socket.destroy());
  };
  const server = createServer(listen, onRequest);
  const sockets = openSockets(server);
  const folder = mkdtempSync(join(tmpdir(), "sandbox-engine-"));
  const path = join(folder, profile.store === "podman" ? "podman.sock" : "docker.sock");
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    if (listen === undefined) server.listen(path, resolve);
    else server.listen(0, "127.0.0.1", resolve);
  });
  return {
    host:
      listen === undefined ? `unix://${path}` : `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    images: parts.images,
    faults: parts.faults,
    requests: parts.requests,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          rmSync(folder, { recursive: true, force: true });
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** The connections that are open at the moment. */
function openSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  });
  return sockets;
}

function createServer(
  listen: SandboxEngineOptions["listen"],
  onRequest: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
): Server {
  if (listen?.protocol !== "https") return createHttpServer(onRequest);
  const { certificate: cert, key, clientAuthority: ca } = listen;
  const clients = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true };
  return createHttpsServer({ cert, key, ...clients }, onRequest);
}
