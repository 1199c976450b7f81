import { execFile } from "node:child_process";
import { parseObject } from "../../oci/manifest.js";
import { registryAlias } from "../../oci/names/pullReference.js";
import { textAt } from "../../support/json.js";

/** What a helper program knows about a registry. */
type HelperAnswer =
  | { readonly kind: "found"; readonly username: string; readonly secret: string }
  | { readonly kind: "none" }
  /** Completes "docker-credential-x ..."; nothing that the program printed is in it, which may be a secret. */
  | { readonly kind: "failed"; readonly reason: string };

/** `server` is the key that the credentials were stored under. */
export type AskHelper = (name: string, server: string, signal: AbortSignal) => Promise<HelperAnswer>;

/** Asks each program once for each server: some take a second. */
export function credentialHelpers(timeoutMs: number, path: string | undefined): AskHelper {
  const known = new Map<string, HelperAnswer>();
  return async (name, server, signal) => {
    const key = `${name} ${server}`;
    const answer = known.get(key) ?? (await askHelper(name, server, { timeoutMs, signal, path }));
    if (answer.kind !== "failed") known.set(key, answer);
    return answer;
  };
}

const maxAnswerBytes = 1024 * 1024;

/** Asks `docker-credential-<name>`, found on PATH, without a shell. */
async function askHelper(
  name: string,
  server: string,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal; readonly path: string | undefined },
): Promise<HelperAnswer> {
  if (!/^[A-Za-z0-9_-]+$/.test(name)) return { kind: "failed", reason: "has a name that no program has" };
  return await new Promise<HelperAnswer>((resolve) => {
    const { timeoutMs: timeout, signal, path } = options;
    const env = path === undefined ? process.env : { ...process.env, PATH: path };
    const settings = { timeout, signal, env, maxBuffer: maxAnswerBytes, windowsHide: true };
    const child = execFile(`docker-credential-${name}`, ["get"], settings, (error, stdout) =>
      resolve(error === null ? readAnswer(stdout, server) : failedAnswer(error, stdout, timeout)),
    );
    child.stdin?.on("error", () => undefined); // a program that does not read its input; its exit code tells the rest
    child.stdin?.end(server);
  });
}

/** Some helpers search for similar names, and may answer with the credentials of another registry. */
function readAnswer(stdout: string, server: string): HelperAnswer {
  const answer = parseObject(Buffer.from(stdout));
  const [username, secret] = [textAt(answer, "Username"), textAt(answer, "Secret")];
  const answered = textAt(answer, "ServerURL");
  if (answer === undefined) return { kind: "failed", reason: "answered something that is not JSON" };
  if (answered !== "" && hostIn(answered) !== hostIn(server))
    return { kind: "failed", reason: "answered for another server" };
  return secret === "" ? { kind: "none" } : { kind: "found", username, secret };
}

/** Of `https://index.docker.io/v1/`, `quay.io` or `quay.io/acme`. */
function hostIn(server: string): string {
  const [host = ""] = server.replace(/^[a-z]+:\/\//i, "").split("/");
  return registryAlias(host.toLowerCase());
}

function failedAnswer(error: ExecError, stdout: string, timeoutMs: number): HelperAnswer {
  if (/credentials not found in native keychain/i.test(stdout)) return { kind: "none" };
  if (error.code === "ENOENT") return { kind: "failed", reason: "is not on PATH" };
  if (error.killed === true) return { kind: "failed", reason: `did not answer within ${timeoutMs / 1000} s` };
  return { kind: "failed", reason: `failed (exit status ${error.code ?? "unknown"})` };
}

type ExecError = Error & { readonly code?: string | number | null; readonly killed?: boolean };
