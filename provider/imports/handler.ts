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
} from "../lifecycle/resourceHandler.js";
import { unknownValue } from "../lifecycle/unknowns.js";
import type { Json, JsonObject } from "../lifecycle/wire.js";
import { isSameCluster, requireSameCluster } from "../okd/clusterIdentity.js";
import type { StreamKey } from "../okd/streamName.js";
import type { Parsed } from "../support/arguments/parsed.js";
import { deadlineMs } from "../support/async/abortable.js";
import { type DesiredStream, placed, type PlacedStream } from "./args/desiredStream.js";
import { createLostImages, observeStream } from "./check/observeStream.js";
import { prepareImport } from "./check/prepareImport.js";
import { executeImport } from "./execute/importStream.js";
import { executeRemoval } from "./execute/removeStream.js";
import { createDeclaredTags, createStreamSnapshots } from "./memory.js";
import { knownPart, undecidedTags } from "./plan/knownPart.js";
import { hasDrifted, liveInputs, liveResolved } from "./plan/liveInputs.js";
import { redactErrors, type ResolvedTags, sameImages } from "./plan/resolvedTag.js";
import { type LastRun, noLastRun } from "./plan/tagStanding.js";
import type { Cluster } from "./ports.js";
import {
  defaultInputs,
  mirrored,
  recordedCluster,
  recordedResolved,
  recordedStream,
  stillOwned,
  streamKey,
  streamOutputs,
  triggersChanged,
} from "./state.js";
import { describeExecution, summariseStream } from "./summary.js";
import type { UseWait } from "./use/check.js";

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
  const known = { snapshots: createStreamSnapshots(), lostImages: createLostImages() };
  const declared = createDeclaredTags();
  const drop = (cluster: Cluster, key: StreamKey) => {
    known.snapshots.drop(cluster, key);
    known.lostImages.drop(cluster, key);
  };
  const observe = (cluster: Cluster, key: StreamKey, { signal }: Context, isNew = false) =>
    observeStream(known, cluster, key, { signal, isNew });

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
    const names = [...args.tags.map((tag) => tag.name), ...undecided];
    const rivals = declared.declare(cluster.identity, { namespace, name: args.name }, names, context.urn);
    if (rivals.length > 0) return { kind: "failed", reasons: rivals };
    const resolution = await prepareImport(
      cluster,
      known,
      {
        desired: { ...args, namespace },
        last: isNew ? undefined : await lastRun(oldInputs),
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
    const observed = await observe(cluster, placed(desired), context);
    const resolved = recordedResolved(state);
    const written = recordedStream(state, desired);
    const drifted = hasDrifted(desired, observed, written, resolved, request.computedIsKept);
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
    const last = state === undefined ? noLastRun : await lastRun(state);
    const recorded = state === undefined ? undefined : recordedStream(state, last.desired);
    const { lostImages } = await observe(cluster, desired, context, state === undefined);
    drop(cluster, desired);
    const done = await executeImport(
      cluster,
      {
        desired,
        recorded,
        claim,
        claimant: context.claimant,
        planned: recordedResolved(request.inputs),
        last,
        lostImages,
        importsNothing: request.computedIsKept,
        triggersChanged: state !== undefined && triggersChanged(state, desired) === true,
      },
      { signal: context.signal, progress: context.log.progress },
    ).finally(() => drop(cluster, desired));
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
    const observed = await observe(cluster, key, context);
    const { stream } = observed;
    if (stream === undefined) return undefined;
    const desired = await desiredOf(state);
    if (desired === undefined) return { id, outputs: state, inputs: mirrored(state) };
    const inputs = liveInputs(mirrored(state), desired, stream);
    const resolved = liveResolved(recordedResolved(state), desired, observed);
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
    ).finally(() => drop(cluster, key));
    if (removal.kept !== undefined && removal.kept.length > 0) {
      context.log.info(
        `image stream ${key.namespace}/${key.name} stays, with the tags ${removal.kept.join(", ")}`,
      );
    }
  }

  return {
    computedKey: "resolved",
    parse,
    defaults: (inputs, oldInputs, urn) => defaultInputs(inputs, oldInputs, urn) as JsonObject,
    knownPart,
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
  const { parseArgs } = await import("./args/schema.js");
  return parseArgs(inputs);
}

/** A state may hold what a refresh found on the cluster, which need not be valid as arguments. */
async function desiredOf(bag: JsonObject): Promise<DesiredStream | undefined> {
  const parsed = await parse(mirrored(bag) as JsonObject);
  return parsed.ok ? parsed.args : undefined;
}

async function lastRun(bag: JsonObject): Promise<LastRun> {
  return { desired: await desiredOf(bag), resolved: recordedResolved(bag) };
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
