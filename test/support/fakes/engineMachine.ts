import type { EngineArgs } from "../../../provider/archive/args/parsed.js";
import type { Machine } from "../../../provider/http/machine.js";
import { machine as plainMachine } from "./machine.js";

const never: AbortSignal = new AbortController().signal;
export const options: { readonly signal: AbortSignal } = { signal: never };

/** Arguments that say nothing but what is given. */
export function engineArgs(given: Partial<EngineArgs> = {}): EngineArgs {
  return {
    host: undefined,
    context: undefined,
    caCert: undefined,
    clientCert: undefined,
    clientKey: undefined,
    skipTlsVerify: false,
    tlsHostname: undefined,
    apiVersion: undefined,
    timeoutSeconds: undefined,
    ...given,
  };
}

export interface EngineMachine {
  readonly variables?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly sockets?: readonly string[];
  readonly isWindows?: boolean;
}

/** A machine with just these variables, files and sockets; the home folder is /home/me. */
export function machine({
  variables = {},
  files = {},
  sockets = [],
  isWindows = false,
}: EngineMachine = {}): Machine {
  return {
    ...plainMachine(variables, files),
    socketExists: (path) => sockets.includes(path),
    homeFolder: "/home/me",
    isWindows,
  };
}
