const intervalMs = 2_000;

/** Passes lines on, at most one every 2 s and the first only then; the others are not even made. */
export function createProgress(
  report: (line: string) => void,
  clock: () => number,
): (line: () => string) => void {
  let last = clock();
  return (line) => {
    const now = clock();
    if (now - last < intervalMs) return;
    last = now;
    report(line());
  };
}
