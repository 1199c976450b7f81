/** Time, as lines about long work need it. */
export interface ProgressClock {
  /** Milliseconds that only grow. */
  now(): number;
  /** Calls back once; answers how to take it back. */
  after(milliseconds: number, callback: () => void): () => void;
}

export interface ProgressLines {
  readonly report: (line: string) => void;
  /** How far the work is now, for people; undefined where there is nothing to say yet. */
  readonly line: (elapsedMs: number) => string | undefined;
  /** Default this process's time. */
  readonly clock?: ProgressClock | undefined;
}

/** Work that ends sooner says nothing; the first line is there within the second second. */
const firstLineMs = 1_500;
const nextLineMs = 2_500;

const systemClock: ProgressClock = {
  now: () => performance.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds).unref();
    return () => clearTimeout(timer);
  },
};

/** Says how far the work is: first within its second second, then every few seconds until it ends. */
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
