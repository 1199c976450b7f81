/** Equal contents as one value: a hundred thousand objects name the same layers and images again and again. */
export interface ContentPool {
  text(text: string): string;
  /** The same for a part of a longer text, all of which it would keep in memory. */
  part(text: string): string;
  /** The first value that was given with the same JSON. */
  value<Value>(value: Value): Value;
}

/** Lives as long as one look at a cluster. */
export function createContentPool(): ContentPool {
  const texts = new Map<string, string>();
  const values = new Map<string, unknown>();
  return {
    text(text) {
      const known = texts.get(text);
      if (known !== undefined) return known;
      texts.set(text, text);
      return text;
    },
    part(text) {
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
