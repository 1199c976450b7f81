/** A text to be made as long as it is needed: one part of it is repeated. */
export interface HostileText {
  readonly prefix: string;
  readonly pump: string;
  readonly end: string;
}

/**
 * Texts on which a pattern that backtracks takes long: what the pattern itself looks for, in its order, one place of it
 * repeated, and an end that it does not expect.
 */
export function hostileTexts(source: string): readonly HostileText[] {
  const atoms = atomsOf(source).slice(0, maxAtoms);
  return atoms.flatMap((_, at) => {
    const prefixes = [...new Set(["", atoms.slice(0, at).join("")])];
    return pumpsAt(atoms, at).flatMap((pump) =>
      prefixes.flatMap((prefix) => ["", "\n", "\u0001"].map((end) => ({ prefix, pump, end }))),
    );
  });
}

export function ofLength({ prefix, pump, end }: HostileText, length: number): string {
  return `${prefix}${pump.repeat(Math.ceil(length / pump.length))}${end}`;
}

/** Up to three places, and the word that begins there. */
function pumpsAt(atoms: readonly string[], at: number): readonly string[] {
  const rest = atoms.slice(at);
  const end = rest.findIndex((atom) => !/^[a-z ]$/i.test(atom));
  const word = rest.slice(0, end === -1 ? rest.length : end + 1).join("");
  return [
    ...new Set([1, 2, 3].map((width) => rest.slice(0, width).join("")).concat(word === "" ? [] : [word])),
  ];
}

const maxAtoms = 40;
const classes: Readonly<Record<string, string>> = {
  d: "1",
  w: "a",
  s: " ",
  S: "x",
  D: "x",
  W: "-",
  n: "\n",
  r: "\r",
  t: "\t",
  "0": "\0",
};

/** One character for each thing that a pattern takes, in the order in which it names them. */
function atomsOf(source: string): readonly string[] {
  const atoms: string[] = [];
  for (let at = 0; at < source.length;) {
    const [atom, next] = atomAt(source, at);
    if (atom !== "") atoms.push(atom);
    at = next;
  }
  return atoms;
}

function atomAt(source: string, at: number): readonly [atom: string, next: number] {
  const character = source[at] ?? "";
  switch (character) {
    case "\\":
      return escapeAt(source, at + 1);
    case "[":
      return classAt(source, at + 1);
    case ".":
      return ["x", at + 1];
    case "{": {
      const end = source.indexOf("}", at);
      return /^\{\d*,?\d*\}/.test(source.slice(at)) ? ["", end + 1] : ["{", at + 1];
    }
    case "(":
      return ["", at + (/^\((?:\?(?::|=|!|<=|<!|<\w+>))?/.exec(source.slice(at))?.[0].length ?? 1)];
    case ")":
    case "|":
    case "*":
    case "+":
    case "?":
    case "^":
    case "$":
      return ["", at + 1];
    default:
      return [character, at + 1];
  }
}

function escapeAt(source: string, at: number): readonly [atom: string, next: number] {
  const character = source[at] ?? "";
  if (character === "b" || character === "B") return ["", at + 1];
  if (character === "p" || character === "P") return ["a", source.indexOf("}", at) + 1];
  if (character === "x") return [codeOf(source.slice(at + 1, at + 3)), at + 3];
  if (character === "u") return [codeOf(source.slice(at + 1, at + 5)), at + 5];
  return [classes[character] ?? character, at + 1];
}

function codeOf(hex: string): string {
  return String.fromCharCode(parseInt(hex, 16));
}

/** A character that the class takes. */
function classAt(source: string, start: number): readonly [atom: string, next: number] {
  let end = start;
  while (end < source.length && source[end] !== "]") end += source[end] === "\\" ? 2 : 1;
  const pattern = new RegExp(`[${source.slice(start, end)}]`, source.includes("\\p{") ? "u" : "");
  const candidates = Array.from("a1A-._:/ ,\"'xé\n\0*?#@=+~");
  return [candidates.find((each) => pattern.test(each)) ?? "", end + 1];
}
