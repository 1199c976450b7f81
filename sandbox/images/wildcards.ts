/** Whether `*` and `?` in a pattern make it match a text; all the ways at once, so that nothing is tried twice. */
export function matchesWildcards(pattern: string, text: string): boolean {
  let reached = [true, ...new Array<boolean>(text.length).fill(false)];
  for (const each of pattern) {
    let isReached = false;
    reached = reached.map((here, at) => {
      const before = at > 0 && reached[at - 1] === true;
      isReached = each === "*" ? isReached || here : before && (each === "?" || each === text[at - 1]);
      return isReached;
    });
  }
  return reached[text.length] === true;
}
