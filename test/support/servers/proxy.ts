import http from "node:http";
import net, { type AddressInfo } from "node:net";

/** The head of a request that a proxy was sent. */
export interface SeenByProxy {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
}

export interface TestProxy {
  readonly port: number;
  readonly seen: readonly SeenByProxy[];
  readonly close: () => Promise<void>;
}

/** An HTTP proxy: tunnels what it is asked to, passes on the rest without what is for itself, and tells of each request. */
export async function startProxy(note: (seen: SeenByProxy) => void = () => undefined): Promise<TestProxy> {
  const seen: SeenByProxy[] = [];
  const write = ({ method = "", url = "", headers }: http.IncomingMessage) => {
    seen.push({ method, url, headers });
    note({ method, url, headers });
  };
  const server = http.createServer((incoming, outgoing) => {
    write(incoming);
    const { "proxy-authorization": _, ...headers } = incoming.headers;
    const forwarded = http.request(incoming.url ?? "", { method: incoming.method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  server.on("connect", (incoming: http.IncomingMessage, socket: net.Socket) => {
    write(incoming);
    const target = new URL(`http://${incoming.url}`);
    const upstream = net.connect(Number(target.port), target.hostname, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on("error", () => socket.destroy());
    socket.on("error", () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
