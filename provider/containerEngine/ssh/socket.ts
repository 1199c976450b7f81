import { type ChildProcessByStdio, spawn } from "node:child_process";
import { Duplex, type Readable, type Writable } from "node:stream";
import { shellQuoted } from "../../support/text/spelling.js";
import type { EngineRoute } from "../address/resolve.js";

type SshRoute = Extract<EngineRoute, { readonly kind: "ssh" }>;

/** ssh ended without a connection; the message is what it said. */
export class SshError extends Error {
  readonly code = "SSH_FAILED";
}

const connectTimeoutSeconds = 15;
const maxComplaintCharacters = 2000;

/**
 * The arguments of `ssh`: it asks no questions (a provider has nobody to answer), judges the host's key as configured, and
 * runs Docker's bridge between its input and output and the engine's socket, or podman's where there is no Docker.
 */
export function sshArguments({ host, user, port, socketPath }: SshRoute): readonly string[] {
  const docker = socketPath === undefined ? "docker" : `docker --host ${shellQuoted(`unix://${socketPath}`)}`;
  const podman =
    socketPath === undefined ? "podman" : `podman --remote --url ${shellQuoted(`unix://${socketPath}`)}`;
  const bridge = `if command -v docker >/dev/null 2>&1; then exec ${docker} system dial-stdio; else exec ${podman} system dial-stdio; fi`;
  return [
    ...["-o", "BatchMode=yes", "-o", `ConnectTimeout=${connectTimeoutSeconds}`, "-T"],
    ...(user === undefined ? [] : ["-l", user]),
    ...(port === undefined ? [] : ["-p", port]),
    "--",
    host,
    bridge,
  ];
}

/** A connection to the engine through a process of ssh of its own, which ends with it. */
export function openSshSocket(route: SshRoute): Duplex {
  return new ProcessSocket(spawn("ssh", sshArguments(route), { stdio: ["pipe", "pipe", "pipe"] }));
}

/** Whole lines only, because redacting a secret needs all of it; a longer line is dropped. */
function lastLines(text: string): string {
  if (text.length <= maxComplaintCharacters) return text;
  const end = text.slice(-maxComplaintCharacters);
  return end.slice(end.indexOf("\n") + 1 || end.length);
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Input and output of a process as one stream. When the process fails, its stderr becomes the error. */
class ProcessSocket extends Duplex {
  readonly #child: Child;
  #complaint = "";

  constructor(child: Child) {
    super();
    this.#child = child;
    child.stdout.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout.pause();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      this.#complaint = lastLines(this.#complaint + chunk.toString("utf8"));
    });
    child.stdin.on("error", () => undefined); // see `_write`
    child.on("error", (error) => this.destroy(new SshError(`ssh cannot be run: ${error.message}`)));
    child.on("close", (code) => this.#end(code));
  }

  /** undici calls `unref` on idle connections, so that they do not keep the provider alive. */
  ref(): this {
    return this.#eachHandle("ref");
  }

  unref(): this {
    return this.#eachHandle("unref");
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  /** A failed write is no error here: `close` reports the end of the process, with what it said. */
  override _write(chunk: Buffer, encoding: BufferEncoding, done: () => void): void {
    this.#child.stdin.write(chunk, encoding, () => done());
  }

  override _final(done: () => void): void {
    this.#child.stdin.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#child.kill();
    done(error);
  }

  #end(code: number | null): void {
    if (code === 0) this.push(null);
    else this.destroy(new SshError(this.#complaint.trim() || `ssh ended with ${code ?? "a signal"}`));
  }

  #eachHandle(change: "ref" | "unref"): this {
    this.#child[change]();
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) {
      // Pipes of a child are sockets, although their types do not say so.
      (stream as Partial<Record<"ref" | "unref", () => void>>)[change]?.();
    }
    return this;
  }
}
