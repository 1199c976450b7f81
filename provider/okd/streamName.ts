/** `shop/web` */
export function streamName({ namespace, name }: StreamKey): string {
  return `${namespace}/${name}`;
}

export interface StreamKey {
  readonly namespace: string;
  readonly name: string;
}
