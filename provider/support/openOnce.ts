import { abortable } from "./abortable.js";

/**
 * Opens each thing once, for all who want it. `open` is under nobody's deadline, so that one who stops waiting takes it from
 * nobody else. A failure is told to all who wait for it, and not remembered.
 */
export function openOnce<Wanted, Opened>(
  open: (wanted: Wanted) => Promise<Opened>,
  keyOf: (wanted: Wanted) => string,
): (wanted: Wanted, options: { readonly signal: AbortSignal }) => Promise<Opened> {
  const known = new Map<string, Promise<Opened>>();
  return (wanted, { signal }) => {
    const key = keyOf(wanted);
    let opened = known.get(key);
    if (opened === undefined) {
      opened = open(wanted);
      known.set(key, opened);
      opened.catch(() => known.delete(key));
    }
    return abortable(opened, signal);
  };
}
