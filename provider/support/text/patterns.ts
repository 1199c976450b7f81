import { createContext, runInContext } from "node:vm";

/** What a pattern found in a text: the groups by number, `0` the whole match, and by name. */
export type PatternMatch = Readonly<Record<string, string>>;

/** Milliseconds for all texts together; an honest pattern needs a few for thousands. */
const matchingMs = 2_000;

/**
 * A regular expression of the user's, which may be written as Go and RE2 write it: `(?P<name>…)`. Matching is bounded in time,
 * because `(a+)+$` needs longer than anybody waits for a text that somebody else has chosen.
 */
export interface Pattern {
  /** Numbers and names of the groups, `0` among them. */
  readonly groups: ReadonlySet<string>;
  /** The first match in each text, wherever in it; undefined where there is none. `tooSlow`: the time was up. */
  matches(texts: readonly string[]): readonly (PatternMatch | undefined)[] | "tooSlow";
}

/** Undefined for what is no regular expression. */
export function parsePattern(text: string): Pattern | undefined {
  const source = text.replaceAll("(?P<", "(?<");
  try {
    new RegExp(source);
  } catch {
    return undefined;
  }
  // The empty alternative matches the empty text, and the match names all groups.
  const [empty] = execAll(`(?:${source})|`, [""]) ?? [];
  return {
    groups: new Set(Object.keys(empty ?? {})),
    matches: (texts) => execAll(source, texts)?.map((match) => match ?? undefined) ?? "tooSlow",
  };
}

const program = `
  const pattern = new RegExp(source);
  const found = (match) => match && Object.fromEntries(
    [...match.entries(), ...Object.entries(match.groups ?? {})].map(([key, text]) => [key, text ?? ""]),
  );
  JSON.stringify(texts.map((text) => found(pattern.exec(text))));
`;

/** In a context of its own, which the timeout stops even within one match. Undefined when the time is up. */
function execAll(source: string, texts: readonly string[]): readonly (PatternMatch | null)[] | undefined {
  const context = createContext({ source, texts: [...texts] });
  try {
    const answer: unknown = runInContext(program, context, { timeout: matchingMs });
    return JSON.parse(String(answer)) as readonly (PatternMatch | null)[];
  } catch {
    return undefined;
  }
}
