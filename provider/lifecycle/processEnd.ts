import { connect } from "node:net";
import { ImageError } from "../support/imageError.js";

const probeIntervalMs = 2_000;
const graceMs = 4_000;

export interface ProcessEnd {
  /** Aborted when the CLI is gone, so that running work stops at its next item. */
  readonly signal: AbortSignal;
  readonly track: <Result>(work: Promise<Result>) => Promise<Result>;
}

/**
 * Ends the provider process when it should end, and only then (facts/pulumi.md 30, 31, 32):
 * - SIGINT comes at the end of every normal run and at the second Ctrl-C. The default action is what we want,
 *   at once and silent; a handler that lingers would cost five seconds a phase.
 * - A CLI that was killed leaves the provider behind. It is noticed by the engine's port being closed and by
 *   failing writes to stdout or stderr; then work stops at its next item, and the process exits.
 */
export function watchProcessEnd(engineAddress: string | undefined): ProcessEnd {
  const controller = new AbortController();
  const running = new Set<Promise<unknown>>();

  function track<Result>(work: Promise<Result>): Promise<Result> {
    running.add(work);
    const done = () => running.delete(work);
    work.then(done, done);
    return work;
  }

  function leave(): void {
    if (controller.signal.aborted) return;
    controller.abort(
      new ImageError("CANCELLED", "The Pulumi CLI has gone away; stopped before the next step."),
    );
    setTimeout(() => process.exit(1), graceMs).unref();
    void Promise.allSettled(running).then(() => process.exit(1));
  }

  if (engineAddress !== undefined) {
    process.on("SIGINT", () => process.exit(0));
    process.stdout.on("error", leave);
    process.stderr.on("error", leave);
    const timer = setInterval(() => probe(engineAddress, leave), probeIntervalMs);
    timer.unref();
  }
  return { signal: controller.signal, track };
}

function probe(address: string, onRefused: () => void): void {
  const separator = address.lastIndexOf(":");
  const socket = connect({ host: address.slice(0, separator), port: Number(address.slice(separator + 1)) });
  socket.unref();
  socket.once("connect", () => socket.destroy());
  socket.once("error", (error: NodeJS.ErrnoException) => {
    socket.destroy();
    if (error.code === "ECONNREFUSED" || error.code === "ECONNRESET") onRefused();
  });
}
