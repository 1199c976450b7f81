import { setTimeout as sleep } from "node:timers/promises";

export interface ThrottleClock {
  /** Milliseconds since some point. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

const systemClock: ThrottleClock = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
};

/** Token bucket over the distinct images of one request: 2 images a second after a burst of 3 (facts/importing.md 16). */
export class ImportThrottle {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #clock: ThrottleClock;
  #tokens: number;
  #refilledAt: number;

  constructor(perSecond: number, burst: number, clock: ThrottleClock = systemClock) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#clock = clock;
    this.#tokens = burst;
    this.#refilledAt = clock.now();
  }

  async take(signal: AbortSignal): Promise<void> {
    if (!Number.isFinite(this.#perSecond)) return;
    this.#refill();
    this.#tokens -= 1;
    if (this.#tokens >= 0) return;
    await this.#clock.sleep((-this.#tokens / this.#perSecond) * 1000, signal);
  }

  #refill(): void {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#refilledAt) / 1000) * this.#perSecond);
    this.#refilledAt = now;
  }
}
