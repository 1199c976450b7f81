import { createRequire } from "node:module";
import type { ResourceLog } from "./resourceHandler.js";

/**
 * Address of the engine's RPC endpoint, when this process is Pulumi's dynamic provider: its last argument.
 * Undefined in programs and tests, which call the hooks directly.
 */
export function pulumiEngineAddress(argv: readonly string[] = process.argv): string | undefined {
  const last = argv.at(-1);
  if (!(argv[1] ?? "").includes("dynamic-provider")) return undefined;
  return last !== undefined && /^[\w.-]+:\d+$/.test(last) ? last : undefined;
}

type Severity = "info" | "warning";

interface LogRequest {
  setSeverity(severity: number): void;
  setMessage(message: string): void;
  setUrn(urn: string): void;
  setEphemeral(ephemeral: boolean): void;
}

interface EngineModules {
  readonly client: { log(request: LogRequest, done: (error: unknown) => void): void };
  readonly newRequest: () => LogRequest;
  readonly severities: { readonly INFO: number; readonly WARNING: number };
}

/** Pulumi's own client, from the SDK that started this process; it is loaded there already. */
function loadEngineModules(address: string): EngineModules {
  const sdk = createRequire(require.resolve("@pulumi/pulumi"));
  const grpc = sdk("@grpc/grpc-js") as { credentials: { createInsecure(): unknown } };
  const services = sdk("./proto/engine_grpc_pb") as {
    EngineClient: new (address: string, credentials: unknown) => EngineModules["client"];
  };
  const messages = sdk("./proto/engine_pb") as {
    LogRequest: new () => LogRequest;
    LogSeverity: EngineModules["severities"];
  };
  return {
    client: new services.EngineClient(address, grpc.credentials.createInsecure()),
    newRequest: () => new messages.LogRequest(),
    severities: messages.LogSeverity,
  };
}

/**
 * Lines on the resource's own row, by the engine's log RPC; the console lands on the stack's row instead (facts/pulumi.md 34).
 * Best effort: no line is worth failing a hook.
 */
export function createLogs(
  address: string | undefined = pulumiEngineAddress(),
): (urn: string) => ResourceLog {
  let modules: EngineModules | undefined;

  function send(urn: string, severity: Severity, message: string, ephemeral: boolean): void {
    if (address === undefined) return;
    try {
      modules ??= loadEngineModules(address);
      const { newRequest, severities, client } = modules;
      const request = newRequest();
      request.setSeverity(severity === "info" ? severities.INFO : severities.WARNING);
      request.setMessage(message);
      request.setUrn(urn);
      request.setEphemeral(ephemeral);
      client.log(request, () => undefined);
    } catch {
      if (!ephemeral) console.info(message);
    }
  }

  return (urn) => ({
    progress: (message) => send(urn, "info", message, true),
    info: (message) => send(urn, "info", message, false),
    warn: (message) => send(urn, "warning", message, false),
  });
}

/**
 * Logs each line once: a replacement is checked twice, and a check and a diff may find the same. Each phase of the CLI
 * has a process of its own, so a preview and its update both log.
 */
export function saidOnce(logFor: (urn: string) => ResourceLog): (urn: string) => ResourceLog {
  const said = new Set<string>();

  function once(kind: string, urn: string, say: (message: string) => void): (message: string) => void {
    return (message) => {
      const key = JSON.stringify([kind, urn, message]);
      if (said.has(key)) return;
      said.add(key);
      say(message);
    };
  }

  return (urn) => {
    const { progress, info, warn } = logFor(urn);
    return { progress, info: once("info", urn, info), warn: once("warn", urn, warn) };
  };
}
