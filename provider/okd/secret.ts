/** The parts of a Secret that pull secrets have. All other fields are sent back as they came. */
export interface Secret {
  readonly metadata: SecretMetadata;
  /** Never changes after the creation. */
  readonly type?: string;
  /** In base64. */
  readonly data?: Readonly<Record<string, string>> | null;
}

interface SecretMetadata extends SecretKey {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly annotations?: Readonly<Record<string, string>> | null;
}

/** Which secret is meant. */
export interface SecretKey {
  readonly namespace: string;
  readonly name: string;
}

/** `shop/web-pull`, as messages name secrets. */
export function secretName({ namespace, name }: SecretKey): string {
  return `${namespace}/${name}`;
}
