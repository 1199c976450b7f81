import { connect, createServer, type Socket } from "node:net";

/** A slow connection to a server of this machine. */
export interface Distance {
  /** `127.0.0.1:40123` */
  readonly host: string;
  /** Opened since the last time it was asked. */
  connections(): number;
  close(): Promise<void>;
}

/** @param delayMs - for every byte, in each direction */
export async function startDistance(host: string, delayMs: number): Promise<Distance> {
  const [name, port] = host.split(":");
  const sockets = new Set<Socket>();
  let opened = 0;
  const server = createServer((near) => {
    opened += 1;
    const far = connect({ host: name, port: Number(port) });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk) => setTimeout(() => to.write(chunk), delayMs));
      from.on("end", () => setTimeout(() => to.end(), delayMs));
      from.on("error", () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    host: `127.0.0.1:${address.port}`,
    connections: () => {
      const since = opened;
      opened = 0;
      return since;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
