import { isDeepStrictEqual } from "node:util";
import type {
  CheckOutcome,
  CheckRequest,
  DiffOutcome,
  DiffRequest,
  Executed,
  ExecuteRequest,
  HookContext,
  ReadOutcome,
  ResourceHandler,
} from "../lifecycle/handler.js";
import { requireSameCluster } from "../lifecycle/sameCluster.js";
import { unknownValue } from "../lifecycle/unknowns.js";
import type { Json, JsonObject } from "../lifecycle/wire.js";
import { isSameCluster } from "../support/clusterIdentity.js";
import { deadlineMs } from "../support/deadline.js";
import type { Parsed } from "../support/parsed.js";
import { type DesiredStream, placed, type PlacedStream } from "./desiredStream.js";
import { describeExecution } from "./describeExecution.js";
import { executeImport } from "./executeImport.js";
import { executeRemoval } from "./executeRemoval.js";
import { knownPart, undecidedTags } from "./knownPart.js";
import type { UseWait } from "./loadStreamUse.js";
import type { Cluster } from "./ports.js";
import { prepareImport } from "./prepareImport.js";
import { projectInputs, projectResolved } from "./projectInputs.js";
import { redactErrors, type ResolvedTags, sameImages } from "./resolvedTag.js";
import { hasDrifted } from "./streamDrift.js";
import { createStreamSnapshots } from "./streamSnapshots.js";
import { summariseStream } from "./streamSummary.js";
import {
  mirrored,
  recordedCluster,
  recordedResolved,
  recordedStream,
  streamOutputs,
  stillOwned,
  streamKey,
  triggersChanged,
} from "./streamState.js";

type Context = HookContext<Cluster>;

const defaultSeconds = { check: 30, diff: 30, read: 60, create: 600, update: 600, delete: 300 } as const;

export interface ImportHandlerOptions {
  /** A fresh random claim ID; see claims.ts. */
  readonly newClaim: () => string;
  /** For users of what a destroy removes; default a minute, looking every two seconds. */
  readonly useWait?: UseWait;
}

/** The engine's verbs for ImportedImageStream. */
export function createImportHandler({
  newClaim,
  useWait = { forMs: 60_000, everyMs: 2_000 },
}: ImportHandlerOptions): ResourceHandler<DesiredStream, Cluster> {
  const snapshots = createStreamSnapshots();

  async function check(request: CheckRequest<DesiredStream>, context: Context): Promise<CheckOutcome> {
    const { args, oldInputs, phase, unknown } = request;
    const cluster = await context.ports();
    const namespace = args.namespace ?? cluster.defaultNamespace;
    if (namespace === undefined) {
      const reason = "namespace: is missing, and neither the connection nor its kubeconfig context names one";
      return { kind: "failed", reasons: [reason] };
    }
    const isNew = Object.keys(oldInputs).length === 0;
    const undecided = undecidedTags(args, unknown);
    const resolution = await prepareImport(
      cluster,
      snapshots,
      {
        desired: { ...args, namespace },
        before: isNew ? undefined : await desiredOf(oldInputs),
        recorded: isNew ? undefined : recordedResolved(oldInputs),
        triggersChanged: isNew ? false : triggersChanged(oldInputs, args, unknown),
        undecided,
        claimant: context.claimant,
        isPreview: phase === "preview",
      },
      { signal: context.signal, info: context.log.info, warn: context.log.warn },
    );
    switch (resolution.kind) {
      case "failed":
        return resolution;
      case "pending":
        return { ...resolution, defaults: { namespace } };
      case "resolved": {
        const resolved = redactErrors(resolution.resolved, context.redact);
        const computed = withUnknown(resolved, [...resolution.undecided, ...undecided]);
        return { kind: "resolved", defaults: { namespace }, computed };
      }
    }
  }

  async function diff(state: JsonObject, request: DiffRequest, context: Context): Promise<DiffOutcome> {
    const { inputs } = request;
    const cluster = await context.ports();
    const replaces = ["namespace", "name"].filter((key) => state[key] !== inputs[key]);
    const before = recordedCluster(state);
    // Only the program moves a stream elsewhere. A shell or a kubeconfig that points to another cluster does not: the
    // delete of the old one, which has no other connection, could never find it.
    if (!request.connectionChanged) requireSameCluster(before, cluster.identity);
    if (before !== undefined && !isSameCluster(before, cluster.identity)) replaces.push("connection");
    if (replaces.length > 0) return { kind: "inputs", replaces };

    const desired = await desiredOf(inputs);
    const recorded = await desiredOf(state);
    if (desired === undefined || !isDeepStrictEqual(desired, recorded)) return { kind: "inputs", replaces };
    if (!sameImages(recordedResolved(state), recordedResolved(inputs))) return { kind: "inputs", replaces };
    const stream = await snapshots.get(cluster, placed(desired), context);
    const drifted = hasDrifted(desired, stream, recordedStream(state, desired), request.computedIsKept);
    return { kind: drifted ? "drift" : "same" };
  }

  async function execute(
    request: ExecuteRequest,
    context: Context,
    claim: string,
    state: JsonObject | undefined,
  ): Promise<Executed> {
    const desired = await requireDesired(request.inputs);
    const cluster = await context.ports();
    if (state !== undefined) requireSameCluster(recordedCluster(state), cluster.identity);
    const recorded = state === undefined ? undefined : recordedStream(state, await desiredOf(state));
    snapshots.drop(cluster, desired);
    const done = await executeImport(
      cluster,
      {
        desired,
        recorded,
        claim,
        claimant: context.claimant,
        planned: recordedResolved(request.inputs),
        importsNothing: request.computedIsKept,
        triggersChanged: state !== undefined && triggersChanged(state, desired) === true,
      },
      { signal: context.signal, progress: context.log.progress },
    ).finally(() => snapshots.drop(cluster, desired));
    for (const line of describeExecution(done)) context.log.info(line);
    const outputs = streamOutputs({
      inputs: request.inputs,
      desired,
      cluster: cluster.identity,
      stream: done.stream,
      claim,
      resolved: redactErrors(done.resolved, context.redact),
      owned: stillOwned(recorded, done.removed),
    });
    return { id: `${desired.namespace}/${desired.name}`, outputs, failures: done.failures };
  }

  async function read(id: string, state: JsonObject, context: Context): Promise<ReadOutcome | undefined> {
    const cluster = await context.ports();
    requireSameCluster(recordedCluster(state), cluster.identity);
    const key = streamKey(state);
    const stream = await snapshots.get(cluster, key, context);
    if (stream === undefined) return undefined;
    const desired = await desiredOf(state);
    if (desired === undefined) return { id, outputs: state, inputs: mirrored(state) };
    const inputs = projectInputs(mirrored(state), desired, stream);
    const resolved = projectResolved(recordedResolved(state), desired, stream);
    return { id, outputs: { ...state, ...inputs, resolved }, inputs: { ...inputs, resolved } };
  }

  async function remove(state: JsonObject, context: Context): Promise<void> {
    const cluster = await context.ports();
    requireSameCluster(recordedCluster(state), cluster.identity);
    const key = streamKey(state);
    const desired = await desiredOf(state);
    const { onDestroy = "owned", deleteInUse = false } = desired ?? {};
    const recorded = recordedStream(state, desired);
    const removal = await executeRemoval(
      cluster,
      { key, recorded, onDestroy, deleteInUse },
      { signal: context.signal, progress: context.log.progress, warn: context.log.warn, useWait },
    ).finally(() => snapshots.drop(cluster, key));
    if (removal.kept !== undefined && removal.kept.length > 0) {
      context.log.info(
        `image stream ${key.namespace}/${key.name} stays, with the tags ${removal.kept.join(", ")}`,
      );
    }
  }

  return {
    computedKey: "resolved",
    parse,
    defaults,
    knownPart: (inputs, unknown) => knownPart(inputs, unknown),
    summarise: summariseStream,
    deadline: (verb, { timeouts }) => deadlineMs(verb, timeouts, defaultSeconds),
    check,
    diff,
    create: (request, context) => execute(request, context, newClaim(), undefined),
    update: (_id, state, request, context) =>
      execute(request, context, recordedStream(state, undefined).claim || newClaim(), state),
    read,
    delete: (_id, state, context) => remove(state, context),
  };
}

/** The schemas are loaded when the first hook needs them: they cost a third of the budget for loading. */
async function parse(inputs: JsonObject): Promise<Parsed<DesiredStream>> {
  const { parseArgs } = await import("./args.js");
  return parseArgs(inputs);
}

/** A state may hold what a refresh found on the cluster, which need not be valid as arguments. */
async function desiredOf(bag: JsonObject): Promise<DesiredStream | undefined> {
  const parsed = await parse(mirrored(bag) as JsonObject);
  return parsed.ok ? parsed.args : undefined;
}

async function requireDesired(inputs: JsonObject): Promise<PlacedStream> {
  const desired = await desiredOf(inputs);
  if (desired === undefined) throw new Error("the checked inputs are not valid arguments");
  return placed(desired);
}

/** Sorted, as `resolved` is. */
function withUnknown(resolved: ResolvedTags, undecided: readonly string[]): Json {
  const known = Object.entries(resolved as unknown as JsonObject);
  const unknown = undecided.map((tag): [string, Json] => [tag, unknownValue]);
  return Object.fromEntries([...known, ...unknown].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What was chosen once stays: a rename of the resource or another kubeconfig context must not replace the stream. */
function defaults(inputs: JsonObject, oldInputs: JsonObject, urn: string): JsonObject {
  const namespace = inputs.namespace ?? oldInputs.namespace;
  return {
    name: inputs.name ?? oldInputs.name ?? urn.split("::").at(-1) ?? "",
    ...(namespace === undefined ? {} : { namespace }),
  };
}
