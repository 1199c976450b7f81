import { setTimeout as sleep } from "node:timers/promises";

/** Token bucket over the distinct images of one request, as in the server: 2 images a second after a burst of 3. */
export class ImportThrottle {
  #tokens: number;
  #refilledAt = performance.now();

  readonly #perSecond: number;
  readonly #burst: number;

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
  }

  async take(signal: AbortSignal): Promise<void> {
    if (!Number.isFinite(this.#perSecond)) return;
    this.#refill();
    this.#tokens -= 1;
    if (this.#tokens >= 0) return;
    await sleep((-this.#tokens / this.#perSecond) * 1000, undefined, { signal });
  }

  #refill(): void {
    const now = performance.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#refilledAt) / 1000) * this.#perSecond);
    this.#refilledAt = now;
  }
}
