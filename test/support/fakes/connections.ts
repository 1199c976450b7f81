import { resolveConnection, type ResolvedConnection } from "../../../provider/cluster/connection/decide.js";
import type { ConnectionInputs } from "../../../provider/cluster/connection/schema.js";
import type { Machine } from "../../../provider/http/machine.js";
import { never } from "../clients/cluster.js";
import { homeConfig, machine } from "./machine.js";

export interface Given {
  readonly args?: ConnectionInputs;
  readonly config?: Readonly<Record<string, string>>;
  readonly machine?: Machine;
}

export function resolve({ args, config = {}, machine: environment = machine() }: Given): ResolvedConnection {
  return resolveConnection({ inputs: args, config: (key) => config[key] }, environment);
}

export async function authorization(connection: ResolvedConnection): Promise<string> {
  const { headers } = await connection.credentials.read(never);
  return String(headers["Authorization"] ?? "none");
}

export const atHome = (text: string) => machine({}, { [homeConfig]: text });
export const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";
