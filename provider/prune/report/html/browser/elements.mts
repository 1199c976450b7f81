/** The first element that fits; throws when the page has none of that kind. */
export function find<Kind extends Element>(parent: ParentNode, selector: string, kind: new () => Kind): Kind {
  const element = parent.querySelector(selector);
  if (!(element instanceof kind)) throw new Error(`The page lacks ${selector}`);
  return element;
}

export function formatted(count: number): string {
  return count.toLocaleString("en-US");
}
