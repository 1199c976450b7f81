import { formatByteSize } from "./byteSize.js";

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
