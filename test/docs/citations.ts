import ts from "typescript";

/** A document that a text names, with the numbers that it cites of it: `facts/pruning.md 12, 14`. */
export interface Citation {
  readonly document: string;
  readonly numbers: readonly string[];
}

const pattern =
  /(?<![\w/.*-])(?<document>[\w-]+(?:[./][\w-]+)*\.md)\b(?<numbers>\s+\d[\d.]*(?:(?:, | to )\d[\d.]*)*)?/g;

export function citationsIn(text: string): readonly Citation[] {
  return [...text.matchAll(pattern)].map(({ groups = {} }) => ({
    document: groups.document ?? "",
    numbers: (groups.numbers?.match(/\d+(?:\.\d+)*/g) ?? []) as readonly string[],
  }));
}

/** The comments of a source file, each on one line: TypeScript and JavaScript by their grammar, scripts by their `#`. */
export function commentsIn(name: string, text: string): readonly string[] {
  if (!/\.[cm]?[jt]s$/.test(name)) {
    return text.split("\n").filter((line) => /^\s*#/.test(line));
  }
  return commentRanges(ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true)).map(({ pos, end }) =>
    text.slice(pos, end).replaceAll(/\s*\n\s*(?:\*(?!\/)\s?)?/g, " "),
  );
}

function commentRanges(source: ts.SourceFile): readonly ts.CommentRange[] {
  const found = new Map<number, ts.CommentRange>();
  const visit = (node: ts.Node): void => {
    const ranges = [
      ...(ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(source.text, node.getEnd()) ?? []),
    ];
    for (const range of ranges) found.set(range.pos, range);
    node.getChildren(source).forEach(visit);
  };
  visit(source);
  return [...found.values()];
}

/** A page's prose: without code, which may name documents that a reader is to write. */
export function proseIn(page: string): string {
  return page.replaceAll(/^```.*?^```$/gms, "").replaceAll(/`[^`\n]*`/g, "");
}

/** Sources that a page names in code, with a folder: `plan/decide.ts`. A name with a star stands for several. */
export function sourcesIn(page: string): readonly string[] {
  return [...page.matchAll(/`([\w.-]+(?:\/[\w.-]+)+\.(?:ts|mjs|sh))`/g)].map(([, path = ""]) => path);
}

/** The numbers of a page's headings, in their order: `### 12. An image stays`. */
export function numbersIn(page: string): readonly string[] {
  return [...page.matchAll(/^#+ (\d+)\. \S/gm)].map(([, number = ""]) => number);
}

export interface Library {
  /** The document's text; undefined where there is none of that name. */
  readonly read: (document: string) => string | undefined;
}

/** What is wrong with the citations of a text, in words. */
export function brokenCitations(text: string, { read }: Library): readonly string[] {
  return citationsIn(text).flatMap(({ document, numbers }) => {
    const page = read(document);
    if (page === undefined) return [`there is no ${document}`];
    const known = numbersIn(page);
    return numbers
      .filter((number) => !known.includes(number))
      .map((number) => `there is no number ${number} in ${document}`);
  });
}
