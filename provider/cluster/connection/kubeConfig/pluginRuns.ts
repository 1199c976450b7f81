import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { describeReadFailure } from "../../../http/machine.js";
import { ImageError, systemCode } from "../../../support/imageError.js";
import { excerpt } from "../../../support/text/excerpt.js";
import { nameOfFile } from "../../../support/text/paths.js";
import { visibleText } from "../../../support/text/visible.js";
import type { KubeUser } from "./bundle.js";

const pluginTimeoutMs = 60_000;

/** How a plugin ended: by itself, or by a signal. */
interface PluginEnd {
  readonly status: number | null;
  readonly isKilled: boolean;
}

/** Starts plugins for client-node, and remembers how the last one ended. */
export interface PluginRuns {
  readonly start: (
    command: string,
    args: readonly string[] | undefined,
    options: SpawnOptions,
  ) => ChildProcess;
  readonly end: () => PluginEnd | undefined;
}

/** Without standard input, so that a plugin that asks for a password fails instead of waiting for ever. */
export function createPluginRuns(): PluginRuns {
  let ended: PluginEnd | undefined;
  return {
    start(command, args, options) {
      const child = spawn(command, [...(args ?? [])], {
        ...options,
        stdio: ["ignore", "pipe", "pipe"],
        timeout: pluginTimeoutMs,
        windowsHide: true,
      });
      child.once("exit", (status) => (ended = { status, isKilled: child.killed }));
      return child;
    },
    end: () => ended,
  };
}

/** Quotes nothing that a plugin or an identity provider says, which may be a token or a part of one. */
export function credentialFailure(
  user: KubeUser,
  error: unknown,
  end: PluginEnd | undefined,
  origin: string,
): ImageError {
  if (!user.exec) return noCredentials(describeProviderFailure(user, error), origin);
  const { command = "?" } = user.exec;
  return failure(
    `the exec plugin ${visibleText(command)} ${describePluginFailure(user.exec, error, end)}`,
    origin,
  );
}

export function noCredentials(why: string, origin: string): ImageError {
  return failure(`no credentials: ${why}`, origin);
}

function failure(text: string, origin: string): ImageError {
  return new ImageError("CONNECTION_INVALID", `connection.kubeconfig: ${text} (${origin})`);
}

const byHand = "what it says is not shown, as it may hold a token: run it by hand";

function describePluginFailure(
  { installHint = "" }: NonNullable<KubeUser["exec"]>,
  error: unknown,
  end: PluginEnd | undefined,
): string {
  const code = systemCode(error);
  if (code === "ENOENT") return `was not found in PATH. ${excerpt(installHint)}`.trimEnd();
  if (end === undefined) return `cannot be started (${code ?? "for an unknown reason"})`;
  if (end.isKilled) return `did not end within ${pluginTimeoutMs / 1000} s`;
  if (end.status === 0) return `answered something that is no ExecCredential; ${byHand}`;
  return `failed with ${end.status === null ? "a signal" : `exit status ${end.status}`}; ${byHand}`;
}

/** Messages of the library itself, which quote nothing. */
const ownWords = /^the auth-provider [\w-]{1,40} was removed from kubectl/;

function describeProviderFailure({ authProvider }: KubeUser, error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  if (ownWords.test(message)) return message;
  if (error instanceof Error && "path" in error && typeof error.path === "string") {
    return `${nameOfFile(error.path)} cannot be read: ${describeReadFailure(error)}`;
  }
  const code = systemCode(error) ?? systemCode(error instanceof Error ? error.cause : undefined);
  const provider =
    authProvider?.name === undefined
      ? "the kubeconfig's user"
      : `auth-provider ${excerpt(authProvider.name, 40)}`;
  return `${provider} gave none${code === undefined ? "" : ` (${code})`}; ${byHand.replace("it by hand", "`oc whoami` with it")}`;
}
