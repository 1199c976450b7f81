import { formatByteSize } from "./text/units.js";

/** Time, as lines about long work need it. */
export interface ProgressClock {
  /** Milliseconds that only grow. */
  now(): number;
  /** Calls back once; answers the function that cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
}

export interface ProgressLines {
  readonly report: (line: string) => void;
  /** The progress now, for people; undefined where there is nothing to report yet. */
  readonly line: (elapsedMs: number) => string | undefined;
  /** Default this process's time. */
  readonly clock?: ProgressClock | undefined;
}

/** Work that ends sooner logs nothing; the first line appears within the second second. */
const firstLineMs = 1_500;
const nextLineMs = 2_500;

const systemClock: ProgressClock = {
  now: () => performance.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds).unref();
    return () => clearTimeout(timer);
  },
};

/** Logs the progress of the work: first within its second second, then every few seconds until it ends. */
export async function withProgress<Result>(
  { report, line, clock = systemClock }: ProgressLines,
  work: () => Promise<Result>,
): Promise<Result> {
  const startedAt = clock.now();
  let stop: () => void;
  const say = (): void => {
    const text = line(clock.now() - startedAt);
    if (text !== undefined) report(text);
    stop = clock.after(nextLineMs, say);
  };
  stop = clock.after(firstLineMs, say);
  try {
    return await work();
  } finally {
    stop();
  }
}

/** `deleted 12 of 41 images, 3.1/s`: what is known, in one line. */
export function progressLine(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join(", ");
}

/** `3.1/s`, `120/s`; undefined for less than one in twenty seconds. */
export function itemRate(items: number, elapsedMs: number): string | undefined {
  const rate = elapsedMs > 0 ? (items * 1000) / elapsedMs : 0;
  if (rate < 0.05) return undefined;
  return `${rate < 9.95 ? rate.toFixed(1) : Math.round(rate).toLocaleString("en-US")}/s`;
}

/** `85 MB/s`; undefined before the first byte. */
export function byteRate(bytes: number, elapsedMs: number): string | undefined {
  if (bytes === 0 || elapsedMs <= 0) return undefined;
  return `${formatByteSize((bytes * 1000) / elapsedMs)}/s`;
}

/** `120 of 940 MB`, `512 kB of 940 MB`; without a total `120 MB`. */
export function bytesOf(done: number, total: number | undefined): string {
  const text = formatByteSize(done);
  if (total === undefined) return text;
  const whole = formatByteSize(total);
  const [number = "", unit] = text.split(" ");
  return `${unit === whole.split(" ")[1] ? number : text} of ${whole}`;
}
