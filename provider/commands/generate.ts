import { parseArgs } from "node:util";
import { declarationOf } from "../imports/program/declaration.js";
import { programSource } from "../imports/program/source.js";
import type { ImageStream } from "../okd/imageStream.js";
import { streamName } from "../okd/streamName.js";
import { byText } from "../support/text/spelling.js";
import { countOf } from "../support/text/wording.js";
import type { ReaderConnection, StreamReader } from "../wiring/streamReader.js";
import { UsageError } from "./usageError.js";

/** The world of a command. */
export interface CommandWorld {
  readonly open: (connection: ReaderConnection) => Promise<StreamReader>;
  readonly print: (text: string) => Promise<void>;
  readonly tell: (line: string) => void;
  /** Fails where the file exists. */
  readonly writeNewFile: (path: string, text: string) => Promise<void>;
}

export const generateHelp = `Usage: npx pulumi-okd-images generate [stream...] [options]

Prints a TypeScript program that takes over image streams as they are: one ImportedImageStream each.
It only reads the cluster, to which it connects as the resources do: by OKD_* and K8S_AUTH_* variables,
KUBECONFIG or ~/.kube/config.

  -n, --namespace NAME   namespace of the streams; default that of the connection
  -A, --all-namespaces   the streams of all namespaces
      --context NAME     context of the kubeconfig, written into the program too
      --kubeconfig PATH  another kubeconfig, written into the program too
      --with-pushed      declare pushed tags too, by the digest that they have now
      --out FILE         write a new file in place of standard output
  -h, --help             this text
`;

const options = {
  namespace: { type: "string", short: "n" },
  "all-namespaces": { type: "boolean", short: "A" },
  context: { type: "string" },
  kubeconfig: { type: "string" },
  "with-pushed": { type: "boolean" },
  out: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

interface Request {
  readonly names: readonly string[];
  /** Undefined: the connection's. */
  readonly namespace: string | undefined;
  readonly isEverywhere: boolean;
  readonly connection: ReaderConnection;
  readonly withPushed: boolean;
  readonly out: string | undefined;
}

/** @throws UsageError; ImageError */
export async function generate(words: readonly string[], world: CommandWorld): Promise<void> {
  const request = requestIn(words);
  if (request === "help") {
    await world.print(generateHelp);
    return;
  }
  const reader = await world.open(request.connection);
  try {
    const streams = await readStreams(reader, request);
    const source = sourceOf(streams, request, reader.server);
    if (streams.length === 0) world.tell(`There are no image streams ${placeOf(request, reader)}.`);
    if (request.out === undefined) {
      await world.print(source);
    } else {
      await world.writeNewFile(request.out, source);
      world.tell(`${request.out}: ${countOf(streams.length, "image stream")} ${placeOf(request, reader)}`);
    }
  } finally {
    await reader.close();
  }
}

function requestIn(words: readonly string[]): Request | "help" {
  const { values, positionals } = parsed(words);
  if (values.help === true) return "help";
  const { namespace, context, kubeconfig, out } = values;
  for (const name of ["namespace", "context", "kubeconfig", "out"] as const) {
    if (values[name] === "") throw new UsageError(`--${name}: must not be empty`);
  }
  const isEverywhere = values["all-namespaces"] === true;
  if (isEverywhere && namespace !== undefined)
    throw new UsageError("--all-namespaces: does not go with --namespace; leave one of them out");
  if (isEverywhere && positionals.length > 0)
    throw new UsageError("--all-namespaces: takes no names of streams; name their namespace by -n");
  return {
    names: [...new Set(positionals)],
    namespace,
    isEverywhere,
    connection: {
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(context === undefined ? {} : { context }),
    },
    withPushed: values["with-pushed"] === true,
    out,
  };
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function readStreams(reader: StreamReader, request: Request): Promise<readonly ImageStream[]> {
  if (request.isEverywhere) return sorted(await reader.list(undefined));
  const namespace = request.namespace ?? reader.defaultNamespace;
  if (namespace === undefined) {
    throw new UsageError(
      "--namespace: is needed, because the connection names none; --all-namespaces reads all",
    );
  }
  if (request.names.length === 0) return sorted(await reader.list(namespace));
  return sorted(await Promise.all(request.names.map((name) => reader.get(namespace, name))));
}

function sorted(streams: readonly ImageStream[]): readonly ImageStream[] {
  return streams.toSorted((a, b) => byText(streamName(a.metadata), streamName(b.metadata)));
}

function sourceOf(
  streams: readonly ImageStream[],
  { connection, withPushed }: Request,
  server: string,
): string {
  const declarations = streams.map((stream) => declarationOf(stream, { withPushed }));
  const comments = [
    `Image streams of ${server} as they are, written by pulumi-okd-images generate.`,
    "adopt takes over what exists; after the first pulumi up it can be dropped.",
  ];
  return programSource(declarations, { comments, connection: { ...connection } });
}

function placeOf({ namespace, isEverywhere }: Request, { server, defaultNamespace }: StreamReader): string {
  return isEverywhere ? `on ${server}` : `in namespace ${namespace ?? defaultNamespace ?? ""} on ${server}`;
}
