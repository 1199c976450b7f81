import { createRequire } from "node:module";

interface EngineLine {
  readonly severity: "info" | "warning" | "other";
  readonly urn: string;
  readonly message: string;
  /** Progress that a terminal overwrites. */
  readonly ephemeral: boolean;
}

/** The engine's log as hooks reach it, for `startHookProcess({ engine: log.address })`. */
export interface EngineLog {
  readonly address: string;
  readonly lines: EngineLine[];
  readonly close: () => void;
}

interface LogCall {
  readonly request: {
    getSeverity(): number;
    getUrn(): string;
    getMessage(): string;
    getEphemeral(): boolean;
  };
}

interface GrpcServer {
  addService(service: unknown, methods: object): void;
  bindAsync(address: string, credentials: unknown, done: (error: Error | null, port: number) => void): void;
  forceShutdown(): void;
}

/** By the SDK's own protocol and gRPC, as in `provider/lifecycle/pulumiLog.ts`. */
export async function startEngineLog(): Promise<EngineLog> {
  const sdk = createRequire(require.resolve("@pulumi/pulumi"));
  const grpc = sdk("@grpc/grpc-js") as {
    Server: new () => GrpcServer;
    ServerCredentials: { createInsecure(): unknown };
  };
  const { EngineService } = sdk("./proto/engine_grpc_pb") as { EngineService: unknown };
  const { LogSeverity } = sdk("./proto/engine_pb") as { LogSeverity: Readonly<Record<string, number>> };
  const { Empty } = sdk("google-protobuf/google/protobuf/empty_pb") as { Empty: new () => unknown };
  const severityOf = (severity: number) =>
    severity === LogSeverity.INFO ? "info" : severity === LogSeverity.WARNING ? "warning" : "other";

  const lines: EngineLine[] = [];
  const server = new grpc.Server();
  server.addService(EngineService, {
    log({ request }: LogCall, answer: (error: null, empty: unknown) => void) {
      lines.push({
        severity: severityOf(request.getSeverity()),
        urn: request.getUrn(),
        message: request.getMessage(),
        ephemeral: request.getEphemeral(),
      });
      answer(null, new Empty());
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, lines, close: () => server.forceShutdown() };
}
