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
