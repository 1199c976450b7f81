import { type StreamKey, streamName } from "../../okd/streamName.js";

/** What a declaration is called in the program. */
export interface ProgramName {
  /** A constant, unique and no word of the language. */
  readonly identifier: string;
  /** The name of the resource. */
  readonly resource: string;
}

/** Words that no constant of a module may be called, and names that the program has already. */
const taken = [
  ...["arguments", "await", "break", "case", "catch", "class", "const", "continue", "debugger", "default"],
  ...[
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
  ],
  ...["implements", "import", "in", "instanceof", "interface", "let", "new", "null", "package", "private"],
  ...["protected", "public", "return", "static", "super", "switch", "this", "throw", "true", "try", "typeof"],
  ...["undefined", "var", "void", "while", "with", "yield", "okd", "connection"],
  // What CommonJS hands to a module, as which Pulumi runs a program.
  ...["exports", "module", "require"],
];

/** Names for streams; those of several namespaces have theirs in it. */
export function programNames(streams: readonly StreamKey[]): readonly ProgramName[] {
  const isSpread = new Set(streams.map(({ namespace }) => namespace)).size > 1;
  const used = new Set(taken);
  return streams.map((stream) => {
    const resource = isSpread ? streamName(stream) : stream.name;
    const wanted = identifierOf(resource);
    let identifier = wanted;
    for (let number = 2; used.has(identifier); number += 1) identifier = `${wanted}${number}`;
    used.add(identifier);
    return { identifier, resource };
  });
}

/** `my-app.web` is `myAppWeb`, and `3scale` is `stream3scale`. */
function identifierOf(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const joined = words.map((word, position) => (position === 0 ? word : capitalized(word))).join("");
  return /^[A-Za-z]/.test(joined) ? joined : `stream${joined}`;
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
