/**
 * Computes each answer once, for as long as the process lives: for texts that come again and again, of which there are few.
 * Forgets all of them when there are more than `most`; a text of more than `longest` characters is not kept.
 */
export function remembered<Result>(
  compute: (text: string) => Result,
  { most, longest }: { readonly most: number; readonly longest: number },
): (text: string) => Result {
  const known = new Map<string, { readonly result: Result }>();
  return (text) => {
    if (text.length > longest) return compute(text);
    const before = known.get(text);
    if (before !== undefined) return before.result;
    const result = compute(text);
    if (known.size >= most) known.clear();
    known.set(Buffer.from(text).toString(), { result }); // a part of a text would keep all of it in memory
    return result;
  };
}
