/**
 * Whether the CLI shows a preview before it updates, as far as its arguments tell. `unknown`: it is not `pulumi up`, or its
 * arguments can be read in two ways.
 */
export type RunPreview = "shown" | "skipped" | "unknown";

export interface CliArguments {
  /** Those of the process, without its own name. */
  readonly words: readonly string[];
  /** False where they were split at spaces: a word may then be a part of a value. */
  readonly isExact: boolean;
}

/** Flags of `pulumi up` and of `pulumi` whose value is the next word. */
const freeValues = names(`
  config config-file cwd event-log exclude exec-agent message otel-traces output override-env plan policy-pack
  policy-pack-config profiling replace secrets-provider target target-replace tracing tracing-header remote-agent-pool-id
  remote-env remote-env-secret remote-executor-image remote-executor-image-password remote-executor-image-username
  remote-git-auth-access-token remote-git-auth-password remote-git-auth-ssh-private-key
  remote-git-auth-ssh-private-key-path remote-git-auth-username remote-git-branch remote-git-commit remote-git-repo-dir
  remote-pre-run-command
`);
/** Flags whose value has no space in it: the CLI refuses one with a space. */
const plainValues = names("client color exec-kind memprofilerate parallel stack verbose");
const switches = names(`
  attach-debugger config-path continue-on-error copilot debug diff disable-integrity-checking emoji exclude-dependents
  expect-no-changes fully-qualify-stack-names help ignore-protect json logflow logtostderr neo neo-task-on-failure
  non-interactive refresh remote remote-inherit-settings remote-skip-install-dependencies run-program show-config
  show-full-output show-policy-remediations show-reads show-replacement-steps show-sames show-secrets
  skip-config-validation skip-plugin-pre-install skip-preview strict suppress-outputs suppress-permalink suppress-progress
  suppress-stream-logs target-dependents urns yes
`);
const letters: ReadonlyMap<string, string> = new Map([
  ["C", "cwd"],
  ["Q", "fully-qualify-stack-names"],
  ["c", "config"],
  ["d", "debug"],
  ["e", "emoji"],
  ["f", "skip-preview"],
  ["h", "help"],
  ["j", "json"],
  ["m", "message"],
  ["p", "parallel"],
  ["r", "refresh"],
  ["s", "stack"],
  ["t", "target"],
  ["v", "verbose"],
  ["y", "yes"],
]);

function names(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/**
 * Reads the words as the CLI does (pflag): long and short flags, short ones together, values behind `=` or as the next word.
 *
 * @param option - the variable PULUMI_OPTION_SKIP_PREVIEW, which a flag overrides
 */
export function previewOfRun({ words, isExact }: CliArguments, option: string | undefined): RunPreview {
  let skips: boolean | undefined = /^(?:true|1)$/i.test(option ?? "");
  let command: string | undefined;
  for (let index = 0; index < words.length && words[index] !== "--"; index += 1) {
    const flags = flagsIn(words[index] ?? "");
    const roles = flags.map((flag) => roleOf(flag, words[index + 1]));
    if (roles.includes("ambiguous")) return "unknown";
    const decision = flags.findLast(({ name }) => name === "skip-preview");
    if (decision !== undefined) skips = truthOf(decision.value);
    // From here on, words may be parts of a value.
    const mayHaveSpaces = flags.length === 0 ? command !== undefined : roles.includes("free");
    if (!isExact && mayHaveSpaces) return previewOf(command, skips, words.slice(index + 1));
    if (flags.length === 0) command ??= words[index];
    if (flags.some(takesNext)) index += 1;
  }
  return previewOf(command, skips, []);
}

/** @param uncertain - words that may be flags, or parts of a value */
function previewOf(
  command: string | undefined,
  skips: boolean | undefined,
  uncertain: readonly string[],
): RunPreview {
  if (command !== "up" && command !== "update") return "unknown";
  if (skips === undefined || uncertain.flatMap(flagsIn).some(isAboutPreview)) return "unknown";
  return skips ? "skipped" : "shown";
}

/**
 * - `free`: its value may have spaces in it, or it is not known whether it has one.
 * - `ambiguous`: of another version of the CLI, and the next word, which would decide, may be its value.
 */
function roleOf({ name, value }: Flag, next: string | undefined): "free" | "ambiguous" | "clear" {
  if (name !== undefined && freeValues.has(name)) return "free";
  const isKnown = name !== undefined && (plainValues.has(name) || switches.has(name));
  if (isKnown) return "clear";
  if (value !== undefined || next?.startsWith("-") !== true) return "free";
  const decides = next === "--" || flagsIn(next).some((flag) => isAboutPreview(flag) || takesNext(flag));
  return decides ? "ambiguous" : "free";
}

function isAboutPreview({ name }: Flag): boolean {
  return name === "skip-preview";
}

function takesNext({ name, value }: Flag): boolean {
  return value === undefined && name !== undefined && (freeValues.has(name) || plainValues.has(name));
}

interface Flag {
  /** Undefined for an unknown letter. */
  readonly name: string | undefined;
  readonly value: string | undefined;
}

/** Empty for a word that is no flag. */
function flagsIn(word: string): readonly Flag[] {
  if (word.startsWith("--")) {
    const [name = "", ...value] = word.slice(2).split("=");
    return [{ name, value: value.length === 0 ? undefined : value.join("=") }];
  }
  if (!word.startsWith("-") || word.length < 2) return [];
  const flags: Flag[] = [];
  for (let at = 1; at < word.length; at += 1) {
    const letter = word[at] ?? "";
    const name = letters.get(letter);
    const rest = word.slice(at + 1);
    if (rest.startsWith("=")) return [...flags, { name, value: rest.slice(1) }];
    if (rest !== "" && takesNext({ name, value: undefined })) return [...flags, { name, value: rest }];
    // The rest after an unknown letter may be its value.
    if (name === undefined && rest !== "") return [...flags, { name, value: undefined }, ...doubtful(rest)];
    flags.push({ name, value: undefined });
  }
  return flags;
}

/** A text that may be a skip-preview: with an unreadable value it decides nothing. */
function doubtful(rest: string): readonly Flag[] {
  return rest.includes("f") ? [{ name: "skip-preview", value: "?" }] : [];
}

/** strconv.ParseBool; a flag alone is true. */
function truthOf(text = "true"): boolean | undefined {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true;
  return /^(?:0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
}
