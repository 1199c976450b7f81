/** Images that a Dockerfile names, and what else stands in it. */
export interface DockerfileContent {
  /** As written after `FROM`, `--from=` and `from=`, with the values of its variables where those are known. */
  readonly images: readonly string[];
  /** All other lines, whose words may be pull specs as those of any text. */
  readonly rest: readonly string[];
}

/** A line that begins with FROM; nothing else is a Dockerfile. */
export function isDockerfile(text: string): boolean {
  return /^[ \t]*FROM[ \t]+\S/im.test(text);
}

/**
 * What is built from and copied from, but for stages of the file itself. `ARG`s have their defaults, and in a second
 * reading the `buildArgs`; other variables stay as they are.
 */
export function readDockerfile(text: string, buildArgs: ReadonlyMap<string, string>): DockerfileContent {
  const instructions = instructionsIn(text);
  const byDefault = imagesOf(instructions, new Map());
  const asBuilt = buildArgs.size === 0 ? [] : imagesOf(instructions, buildArgs);
  return {
    images: [...new Set([...byDefault, ...asBuilt])],
    rest: instructions.flatMap(({ name, words, rest }) =>
      name === "FROM" ? [] : [words.join(" "), ...rest],
    ),
  };
}

interface Instruction {
  /** In capitals. */
  readonly name: string;
  /** Its own options, like `--from=image`. */
  readonly flags: readonly string[];
  readonly words: readonly string[];
  /** Lines of its here-documents. */
  readonly rest: readonly string[];
}

function imagesOf(
  instructions: readonly Instruction[],
  buildArgs: ReadonlyMap<string, string>,
): readonly string[] {
  const values = new Map<string, string>();
  const stages = new Set<string>(["scratch"]);
  const images: string[] = [];
  const add = (written: string) => {
    const image = expanded(unquoted(written), values);
    if (!stages.has(image.toLowerCase()) && !/^\d+$/.test(image)) images.push(image);
  };
  for (const { name, flags, words } of instructions) {
    if (name === "ARG") words.forEach((word) => setArgument(word, buildArgs, values));
    if (name !== "FROM") {
      sourcesIn(flags).forEach(add);
      continue;
    }
    const [image, as, stage = ""] = words;
    if (image !== undefined) add(image);
    if (as?.toLowerCase() === "as") stages.add(stage.toLowerCase());
  }
  return images;
}

/** `--from=image`, and `--mount=type=bind,from=image`. */
function sourcesIn(flags: readonly string[]): readonly string[] {
  return flags
    .flatMap((word) =>
      word.startsWith("--mount=") ? word.slice("--mount=".length).split(",") : [word.slice(2)],
    )
    .filter((part) => part.startsWith("from="))
    .map((part) => part.slice("from=".length));
}

function setArgument(
  word: string,
  buildArgs: ReadonlyMap<string, string>,
  values: Map<string, string>,
): void {
  const [name = "", ...value] = word.split("=");
  const given = buildArgs.get(name) ?? (value.length === 0 ? undefined : unquoted(value.join("=")));
  if (given !== undefined) values.set(name, expanded(given, values));
}

/** Characters; a longer text is no image, and is left unchanged. */
const maxExpanded = 1024;

/** `${NAME}`, `$NAME` and `${NAME:-default}`. */
function expanded(text: string, values: ReadonlyMap<string, string>): string {
  let length = text.length;
  if (length > maxExpanded) return text;
  const variable = /\$(?:\{(\w+)(?::?-([^{}]*))?\}|(\w+))/g;
  const result = text.replaceAll(variable, (written, braced?: string, otherwise?: string, bare?: string) => {
    const value = values.get(braced ?? bare ?? "") ?? otherwise ?? written;
    length += value.length - written.length;
    return length > maxExpanded ? "" : value;
  });
  return length > maxExpanded ? text : result;
}

function unquoted(word: string): string {
  return word.replaceAll(/["']/g, "");
}

function instructionsIn(text: string): readonly Instruction[] {
  const lines = text.split(/\r?\n/);
  const ends = new Map(lines.map((line, at) => [line.trim(), at])); // where each line stands last
  const escape = /^#[ \t]*escape[ \t]*=[ \t]*`/i.test(lines[0] ?? "") ? "`" : "\\";
  const instructions: Instruction[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const parts: string[] = [];
    let isOpen = true;
    for (; isOpen && at < lines.length; at += 1) {
      const line = (lines[at] ?? "").trim();
      if (line === "" || line.startsWith("#")) {
        isOpen = parts.length > 0; // comments may stand between the lines of an instruction
        continue;
      }
      isOpen = line.endsWith(escape);
      parts.push(isOpen ? line.slice(0, -1) : line);
    }
    const [name = "", ...words] = parts.join(" ").trim().split(/\s+/);
    const own = words.findIndex((word) => !word.startsWith("--"));
    const flags = own === -1 ? words : words.slice(0, own);
    const end = endOfDocuments(words, at, lines, ends);
    if (name !== "") {
      const rest = lines.slice(at, end);
      instructions.push({ name: name.toUpperCase(), flags, words: words.slice(flags.length), rest });
    }
    at = end - 1;
  }
  return instructions;
}

/** Here-documents follow each other; one without an end is no here-document. */
function endOfDocuments(
  words: readonly string[],
  start: number,
  lines: readonly string[],
  ends: ReadonlyMap<string, number>,
): number {
  let at = start;
  for (const word of words) {
    const delimiter = /^\d*<<-?["']?([A-Za-z_][\w.-]*)["']?/.exec(word)?.[1];
    if (delimiter === undefined || (ends.get(delimiter) ?? -1) < at) continue;
    while ((lines[at] ?? "").trim() !== delimiter) at += 1;
    at += 1;
  }
  return at;
}
