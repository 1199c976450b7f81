/** The server's own clock: that of this machine, shifted. */
export class ServerClock {
  #offsetSeconds: number;

  constructor(offsetSeconds = 0) {
    this.#offsetSeconds = offsetSeconds;
  }

  now(): Date {
    return new Date(Date.now() + this.#offsetSeconds * 1000);
  }

  /** Seconds ahead of this machine; negative: behind it. */
  set(offsetSeconds: number): void {
    this.#offsetSeconds = offsetSeconds;
  }
}

/** Kubernetes keeps whole seconds. */
export function timestamp(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}
