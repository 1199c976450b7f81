/**
 * What the functions of the package ask a cluster, in the process of the user's program. Loaded at the first call, so that a
 * program without them does not wait for it.
 */
import { type ClusterConnector, createClusterConnector } from "./cluster/connection/open.js";
import {
  parseImageQuestion,
  parseStreamImageQuestion,
  parseStreamTagQuestion,
} from "./imports/lookup/args.js";
import { lookUpImage } from "./imports/lookup/image.js";
import type { LookupCluster } from "./imports/lookup/ports.js";
import { lookUpStreamImage } from "./imports/lookup/streamImage.js";
import { lookUpStreamTag } from "./imports/lookup/streamTag.js";
import { formatIssue } from "./lifecycle/check.js";
import { configuredCredentials } from "./lifecycle/knownSecrets.js";
import { toWire } from "./lifecycle/wire.js";
import type { RequestOptions } from "./okd/requestOptions.js";
import type { Parsed } from "./support/arguments/parsed.js";
import { withDeadline } from "./support/async/abortable.js";
import { bareMessage, ImageError, isImageError } from "./support/imageError.js";
import { lookupClusterOf } from "./wiring/lookups.js";
import { secrets } from "./wiring/secrets.js";

/** The program that asks. */
export interface Program {
  /** Reads a key of the stack's configuration, like `okd:context`. */
  readonly config: (key: string) => string | undefined;
  readonly warn: (message: string) => void;
}

/** Arguments as the program gave them, without outputs; `confidential` are texts in them that no message may show. */
export interface Question {
  readonly args: object;
  readonly connection: object | undefined;
  readonly confidential: readonly string[];
}

/** @throws ImageError its message without secrets */
export type Ask<Answer> = (question: Question, program: Program) => Promise<Answer>;

export const imageMetadata = asking("getImageMetadata", parseImageQuestion, lookUpImage);
export const imageStreamImage = asking("getImageStreamImage", parseStreamImageQuestion, lookUpStreamImage);
export const imageStreamTag = asking("getImageStreamTag", parseStreamTagQuestion, lookUpStreamTag);

const deadlineMs = 180_000;
const nobody = new AbortController().signal;
let clusters: ClusterConnector | undefined;

function asking<Args extends { readonly namespace: string | undefined }, Answer>(
  label: string,
  parse: (args: unknown) => Parsed<Args>,
  lookUp: (
    cluster: LookupCluster,
    args: Args & { readonly namespace: string },
    options: RequestOptions,
  ) => Promise<Answer>,
): Ask<Answer> {
  return async ({ args, connection: given, confidential }, program) => {
    const connection = given === undefined ? undefined : toWire(given);
    secrets.learn(connection);
    secrets.learn(configuredCredentials(program.config));
    confidential.forEach(secrets.add);
    // The first program that asks hears the warnings: a process runs one.
    clusters ??= createClusterConnector({
      onSecret: secrets.add,
      warn: (message) => program.warn(secrets.redact(message)),
    });
    try {
      const parsed = parse(args);
      const issues = [...(parsed.ok ? [] : parsed.issues), ...(await connectionIssues(clusters, connection))];
      if (!parsed.ok || issues.length > 0)
        throw new ImageError("ARGUMENT_INVALID", issues.map(formatIssue).join("\n"));
      const signal = withDeadline(nobody, deadlineMs, label);
      const cluster = lookupClusterOf(
        await clusters.open(connection, program.config, signal, "with a warning"),
      );
      return await lookUp(
        cluster,
        { ...parsed.args, namespace: namespaceOf(parsed.args, cluster) },
        { signal },
      );
    } catch (error) {
      if (!isImageError(error)) throw error;
      throw new ImageError(error.code, secrets.redact(`${label}: ${bareMessage(error)}`));
    }
  };
}

async function connectionIssues(
  connector: ClusterConnector,
  connection: Parameters<ClusterConnector["issues"]>[0],
): Promise<Extract<Parsed<never>, { ok: false }>["issues"]> {
  const issues = await connector.issues(connection);
  return issues.map((issue) => ({ ...issue, path: ["connection", ...issue.path] }));
}

function namespaceOf(args: { readonly namespace: string | undefined }, cluster: LookupCluster): string {
  const namespace = args.namespace ?? cluster.defaultNamespace;
  if (namespace !== undefined) return namespace;
  const text = "namespace: is missing, and neither the connection nor its kubeconfig context names one";
  throw new ImageError("ARGUMENT_INVALID", text);
}
