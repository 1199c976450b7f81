/** Equal contents as one value: a hundred thousand objects name the same layers and images again and again. */
export interface ContentPool {
  text(text: string): string;
  /** The same for a part of a longer text, so that it does not keep the whole text in memory. */
  part(text: string): string;
  /** The first value that was given with the same JSON. */
  value<Value>(value: Value): Value;
}

/** Characters, for a name of Kubernetes. */
const longestName = 63;

/** Lives as long as one survey of a cluster. */
export function createContentPool(): ContentPool {
  // A big cluster has a million digests and few names: those are found much faster on their own.
  const digests = new Map<string, string>();
  const names = new Map<string, string>();
  const textsLike = ({ length }: string) => (length > longestName ? digests : names);
  const values = new Map<string, unknown>();
  return {
    text(text) {
      const texts = textsLike(text);
      const known = texts.get(text);
      if (known !== undefined) return known;
      texts.set(text, text);
      return text;
    },
    part(text) {
      const texts = textsLike(text);
      const known = texts.get(text);
      if (known !== undefined) return known;
      const own = Buffer.from(text, "latin1").toString("latin1");
      texts.set(own, own);
      return own;
    },
    value<Value>(value: Value): Value {
      const key = JSON.stringify(value);
      const known = values.get(key) as Value | undefined;
      if (known !== undefined) return known;
      values.set(key, value);
      return value;
    },
  };
}
