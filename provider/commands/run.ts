import { createKnownSecrets } from "../lifecycle/knownSecrets.js";
import { messageOf } from "../lifecycle/session.js";
import { isImageError } from "../support/imageError.js";
import { type CommandWorld, generate, generateHelp } from "./generate.js";
import { UsageError } from "./usageError.js";

/** What a command reaches, but for the cluster, of which `open` is told where secrets and warnings are to be sent. */
export interface CommandLine extends Pick<CommandWorld, "print" | "writeNewFile"> {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly openReader: (
    connection: Parameters<CommandWorld["open"]>[0],
    events: { readonly onSecret: (secret: string) => void; readonly warn: (message: string) => void },
  ) => ReturnType<CommandWorld["open"]>;
  /** Prints a line on standard error. */
  readonly complain: (line: string) => void;
}

/** Done, refused by the cluster or the system, and a command line that makes no sense. */
type ExitCode = 0 | 1 | 2;

/** Runs `npx pulumi-okd-images <words>`; what it prints on standard error holds no secret. */
export async function run(words: readonly string[], line: CommandLine): Promise<ExitCode> {
  const secrets = createKnownSecrets(line.environment);
  const tell = (text: string) => line.complain(secrets.redact(text));
  const [command, ...rest] = words;
  try {
    if (command === undefined || command === "help" || command === "--help" || command === "-h") {
      await line.print(generateHelp);
      return command === undefined ? 2 : 0;
    }
    if (command !== "generate") throw new UsageError(`${command}: is no command; there is generate`);
    const events = { onSecret: secrets.add, warn: (text: string) => tell(`warning: ${text}`) };
    await generate(rest, {
      open: (connection) => line.openReader(connection, events),
      print: line.print,
      writeNewFile: line.writeNewFile,
      tell,
    });
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      tell(`${error.message}\nnpx pulumi-okd-images generate --help says what there is`);
      return 2;
    }
    tell(isImageError(error) ? `error: ${error.message}` : `error: ${messageOf(error)}`);
    return 1;
  }
}
