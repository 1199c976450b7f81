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
