/** What a glob is made of; in `Alternatives` each option is a glob of its own. */
export type GlobPiece =
  | { readonly kind: "character"; readonly code: number }
  /** `?`, and the characters of `[...]`. */
  | { readonly kind: "one"; readonly ranges: readonly CharacterRange[]; readonly isNegated: boolean }
  /** `*`: any characters of one part of a name. */
  | { readonly kind: "star" }
  /** `**` as a whole part: any number of parts, with the slash that follows or precedes it. */
  | { readonly kind: "parts"; readonly slash: "before" | "after" | "none" }
  | { readonly kind: "alternatives"; readonly options: readonly (readonly GlobPiece[])[] };

/** First and last code unit. */
export type CharacterRange = readonly [first: number, last: number];

export type ParsedGlob =
  | { readonly ok: true; readonly isNegated: boolean; readonly pieces: readonly GlobPiece[] }
  | { readonly ok: false; readonly problem: string };

export const slash = 0x2f;
/** Names have at most 253 characters in each part. */
const maxLength = 1024;

const advice = "it may have * ? [a-z] [^a-z] {a,b} and, in front, ! for all others";

/** Reads a glob; whatever cannot be matched in linear time, or would not mean what it seems to, is a problem. */
export function parseGlob(text: string): ParsedGlob {
  if (text === "") return { ok: false, problem: "is empty" };
  if (text.length > maxLength)
    return { ok: false, problem: `is a glob of more than ${maxLength} characters` };
  const body = withoutNegation(text);
  if (body === "") return { ok: false, problem: "has nothing behind its !" };
  const isNegated = (text.length - body.length) % 2 === 1;
  try {
    return { ok: true, isNegated, pieces: new GlobReader(body).read() };
  } catch (error) {
    if (error instanceof GlobProblem) return { ok: false, problem: error.message };
    throw error;
  }
}

function withoutNegation(text: string): string {
  let from = 0;
  while (text[from] === "!") from += 1;
  return text.slice(from);
}

class GlobProblem extends Error {}

class GlobReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): readonly GlobPiece[] {
    return this.#sequence();
  }

  /** Up to the end, or within braces to the comma or brace that ends an option. */
  #sequence(): readonly GlobPiece[] {
    const pieces: GlobPiece[] = [];
    for (let character = this.#peek(); character !== undefined; character = this.#peek()) {
      if (this.#depth > 0 && (character === "," || character === "}")) break;
      pieces.push(this.#piece(character, pieces.at(-1)));
    }
    return pieces;
  }

  #piece(character: string, before: GlobPiece | undefined): GlobPiece {
    switch (character) {
      case "*":
        return this.#stars(before);
      case "?":
        this.#at += 1;
        return { kind: "one", ranges: [[slash, slash]], isNegated: true };
      case "[":
        return this.#characterClass();
      case "{":
        return this.#alternatives();
      case "\\":
        return this.#escaped();
      case "/":
        return this.#slash(before);
      case "]":
      case "}":
        throw new GlobProblem(`is a glob with a ${character} that nothing opens`);
      case "(":
      case ")":
      case "|":
      case "+":
      case '"':
        throw new GlobProblem(`is a glob with a ${character}, which is not supported: ${advice}`);
      default:
        this.#at += 1;
        return literal(character);
    }
  }

  #stars(before: GlobPiece | undefined): GlobPiece {
    const from = this.#at;
    while (this.#peek() === "*") this.#at += 1;
    if (this.#at - from === 1) return { kind: "star" };
    const beginsPart = this.#depth === 0 && (before === undefined || isSlash(before));
    const endsPart = this.#peek() === undefined || this.#peek() === "/";
    if (!beginsPart || !endsPart || this.#at - from > 2) {
      throw new GlobProblem("is a glob with ** that is not all between two slashes: write *");
    }
    if (this.#peek() === undefined) return { kind: "parts", slash: "none" };
    this.#at += 1;
    return { kind: "parts", slash: "after" };
  }

  /** `/**` at the end stands for no part, too, unless it follows a star, as in picomatch. */
  #slash(before: GlobPiece | undefined): GlobPiece {
    const isLast = this.#depth === 0 && this.#text.slice(this.#at) === "/**";
    if (isLast && before !== undefined && before.kind !== "star") {
      this.#at += 3;
      return { kind: "parts", slash: "before" };
    }
    this.#at += 1;
    return literal("/");
  }

  #escaped(): GlobPiece {
    const character = this.#text[this.#at + 1];
    if (character === undefined) throw new GlobProblem("is a glob that ends in a \\");
    this.#at += 2;
    return literal(character);
  }

  #alternatives(): GlobPiece {
    const options: (readonly GlobPiece[])[] = [];
    this.#depth += 1;
    do {
      this.#at += 1;
      options.push(this.#sequence());
    } while (this.#peek() === ",");
    if (this.#peek() !== "}") throw new GlobProblem("is a glob with a { that nothing closes");
    if (options.length === 1)
      throw new GlobProblem("is a glob with braces without a comma: write {a,b}, or [1-9]");
    this.#at += 1;
    this.#depth -= 1;
    return { kind: "alternatives", options };
  }

  #characterClass(): GlobPiece {
    this.#at += 1;
    if (this.#peek() === "!") throw new GlobProblem("is a glob with [!...]: write [^...] for all but these");
    const isNegated = this.#peek() === "^";
    if (isNegated) this.#at += 1;
    const ranges: CharacterRange[] = [];
    do {
      const first = this.#classCharacter();
      const next = this.#text[this.#at + 1];
      if (this.#peek() !== "-" || next === "]" || next === undefined) {
        ranges.push([first, first]);
        continue;
      }
      this.#at += 1;
      const last = this.#classCharacter();
      if (last < first) throw new GlobProblem("is a glob with a range in [ ] that runs backwards");
      ranges.push([first, last]);
    } while (this.#peek() !== "]");
    this.#at += 1;
    return { kind: "one", ranges: isNegated ? [...ranges, [slash, slash]] : ranges, isNegated };
  }

  #classCharacter(): number {
    const character = this.#peek() === "\\" ? this.#text[++this.#at] : this.#peek();
    if (character === undefined) throw new GlobProblem("is a glob with a [ that nothing closes");
    if (character === "[")
      throw new GlobProblem(`is a glob with a [ within [ ], which is not supported: ${advice}`);
    this.#at += 1;
    return character.charCodeAt(0);
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }
}

function literal(character: string): GlobPiece {
  return { kind: "character", code: character.charCodeAt(0) };
}

function isSlash(piece: GlobPiece): boolean {
  return (piece.kind === "character" && piece.code === slash) || piece.kind === "parts";
}
