/** Times in milliseconds. */
export interface Comparison {
  readonly what: string;
  readonly ours: readonly number[];
  readonly peer: readonly number[];
  readonly peerName: string;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function printComparison({ what, ours, peer, peerName }: Comparison): void {
  const ratio = median(ours) / median(peer);
  console.log(
    `${what}\n  ours ${spread(ours)}\n  ${peerName} ${spread(peer)}\n  ours / peer ${ratio.toFixed(3)}`,
  );
}

export function printTimes(what: string, times: readonly number[]): void {
  console.log(`${what}\n  ${spread(times)}`);
}

function spread(values: readonly number[]): string {
  const shown = (value: number) => value.toFixed(value < 100 ? 1 : 0);
  return `median ${shown(median(values))} ms (${shown(Math.min(...values))} to ${shown(Math.max(...values))}, ${values.length} runs)`;
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
