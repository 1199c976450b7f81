const units = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** A number of bytes for people, decimal as registries show it: "71 MB", "1.5 GB", "512 B"; two digits at least below 10. */
export function formatByteSize(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const text = unit === 0 || size >= 9.95 ? String(Math.round(size)) : size.toFixed(1);
  return `${text.replace(/\.0$/, "")} ${units[unit] ?? "B"}`;
}

const factors: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  ...Object.fromEntries(
    ["k", "M", "G", "T", "P"].map((prefix, index) => [`${prefix}B`, 1000 ** (index + 1)]),
  ),
  ...Object.fromEntries(
    ["Ki", "Mi", "Gi", "Ti", "Pi"].map((prefix, index) => [`${prefix}B`, 1024 ** (index + 1)]),
  ),
};

/** Bytes of a size: a number, or `"500MB"`, `"50GiB"`, `"1.5 TB"`; undefined when it is none. */
export function parseByteSize(size: string | number): number | undefined {
  if (typeof size === "number") return Number.isSafeInteger(size) && size >= 0 ? size : undefined;
  const [, number = "", unit = ""] = /^(\d{1,12}(?:\.\d{1,6})?) ?([A-Za-z]{0,3})$/.exec(size) ?? [];
  const factor = factors[unit];
  return number === "" || factor === undefined ? undefined : Math.round(Number(number) * factor);
}

const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * Seconds of a duration: "30s", "10m", "720h", "30d", parts together from big to small ("1h30m"), or a number of seconds.
 * `undefined` when it is not a duration; negative ones are none.
 */
export function parseDuration(duration: string | number): number | undefined {
  if (typeof duration === "number") return Number.isFinite(duration) && duration >= 0 ? duration : undefined;
  const match = /^(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9}(?:\.\d{1,3})?)s)?$/.exec(duration);
  if (match === null || duration === "") return undefined;
  const units = ["d", "h", "m", "s"] as const;
  return units.reduce(
    (sum, unit, index) => sum + Number(match[index + 1] ?? 0) * (secondsPerUnit[unit] ?? 0),
    0,
  );
}

/** Milliseconds since 1970 of an RFC 3339 instant like `2026-11-21T08:00:00Z`; undefined when it is none. */
export function parseInstant(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text)) return undefined;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? undefined : instant;
}
