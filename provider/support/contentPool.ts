/** Equal contents as one value: a hundred thousand objects name the same layers and images again and again. */
export interface ContentPool {
  text(text: string): string;
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
    value<Value>(value: Value): Value {
      const key = JSON.stringify(value);
      const known = values.get(key) as Value | undefined;
      if (known !== undefined) return known;
      values.set(key, value);
      return value;
    },
  };
}
