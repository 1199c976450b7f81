import type { StreamKey } from "./snapshot.js";

/** `shop/web` */
export function streamName({ namespace, name }: StreamKey): string {
  return `${namespace}/${name}`;
}
