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
