import { isDeepStrictEqual } from "node:util";
import type { HandOver } from "../lifecycle/cli/handOver.js";
import type {
  CheckOutcome,
  CheckRequest,
  DiffOutcome,
  DiffRequest,
  Executed,
  ExecuteRequest,
  HookContext,
  OfState,
  ReadOutcome,
  ResourceHandler,
} from "../lifecycle/resourceHandler.js";
import type { JsonObject } from "../lifecycle/wire.js";
import { isSameCluster, recordedCluster, requireSameCluster } from "../okd/clusterIdentity.js";
import { streamName } from "../okd/streamName.js";
import { deadlineMs } from "../support/async/abortable.js";
import { type DesiredStream, placed } from "./args/desiredStream.js";
import { observeStream } from "./check/observeStream.js";
import { prepareImport } from "./check/prepareImport.js";
import { executeImport } from "./execute/importStream.js";
import { importWithSecret, removeSecrets } from "./execute/keptSecrets.js";
import { executeStreamRemoval } from "./execute/removeStream.js";
import {
  defaultSeconds,
  desiredOf,
  hasOtherSecret,
  removalOrder,
  shownState,
  importRequest,
  lastRun,
  parse,
  requireDesired,
  withUnknown,
} from "./inputs.js";
import { createMemory, type Memory } from "./memory.js";
import { knownPart, undecidedTags } from "./plan/knownPart.js";
import { hasDrifted, liveInputs, liveResolved } from "./plan/liveInputs.js";
import { withMissing, withSources } from "./plan/repository/expand.js";
import { withoutRollouts } from "./plan/rollout/rolledOut.js";
import { redactErrors, sameImages } from "./plan/tag/resolved.js";
import type { Cluster } from "./ports.js";
import {
  defaultInputs,
  foreseenResolved,
  lookupBefore,
  mirrored,
  recordedResolved,
  recordedSecrets,
  recordedStream,
  stillOwned,
  streamKey,
  streamOutputs,
  triggersChanged,
} from "./state.js";
import { describeExecution, summariseStream } from "./summary.js";
import type { UseWait } from "./use/check.js";

type Context = HookContext<Cluster>;

export interface ImportHandlerOptions {
  /** A fresh random claim ID; see claims.ts. */
  readonly newClaim: () => string;
  /** Carries what a preview has listed to the update of the same run; default: nothing is carried. */
  readonly handOver?: HandOver | undefined;
  /** How long to wait for users of what a destroy removes; default a minute, asking every two seconds. */
  readonly useWait?: UseWait;
}

/** What the verbs share in one process. */
interface Dependencies extends ImportHandlerOptions, Memory {
  readonly useWait: UseWait;
}

/** The engine's verbs for ImportedImageStream. */
export function createImportHandler({
  newClaim,
  handOver,
  useWait = { forMs: 60_000, everyMs: 2_000 },
}: ImportHandlerOptions): ResourceHandler<DesiredStream, Cluster> {
  const memory = createMemory();
  const dependencies: Dependencies = { newClaim, handOver, useWait, ...memory };
  return {
    computedKey: "resolved",
    parse,
    defaults: (inputs, oldInputs, urn) => defaultInputs(inputs, oldInputs, urn) as JsonObject,
    knownPart,
    summarise: summariseStream,
    deadline: (verb, properties) => deadlineMs(verb, properties.timeouts, defaultSeconds(properties)),
    check: (request, context) => check(dependencies, request, context),
    diff: (state, request, context) => diff(dependencies, { ...request, state }, context),
    create: (request, context) => execute(dependencies, request, context),
    update: (_id, state, request, context) => execute(dependencies, { ...request, state }, context),
    read: (id, state, context) => read(dependencies, { id, state }, context),
    delete: (_id, state, context) => remove(dependencies, { state }, context),
  };
}

async function check(
  dependencies: Dependencies,
  request: CheckRequest<DesiredStream>,
  context: Context,
): Promise<CheckOutcome> {
  const { args, unknown } = request;
  const cluster = await context.ports();
  const namespace = args.namespace ?? cluster.defaultNamespace;
  if (namespace === undefined) {
    const reason = "namespace: is missing, and neither the connection nor its kubeconfig context names one";
    return { kind: "failed", reasons: [reason] };
  }
  const undecided = undecidedTags(args, unknown);
  const key = { namespace, name: args.name };
  const note = ({ tags, selected, pullSecret: secret }: DesiredStream) => {
    dependencies.gone.note(context.urn, selected);
    const names = [...tags.map((tag) => tag.name), ...undecided];
    return dependencies.declared.declare(cluster.identity, key, { tags: names, secret }, context.urn);
  };
  const rivals = note(args);
  if (rivals.length > 0) return { kind: "failed", reasons: rivals };
  const order = await importRequest(
    { ...request, namespace, undecided, note },
    context,
    dependencies.handOver,
  );
  const { signal, log } = context;
  const resolution = await prepareImport(cluster, dependencies.known, order, { signal, ...log });
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

async function diff(
  { known }: Dependencies,
  { state, inputs, computedIsKept, connectionChanged }: DiffRequest & OfState,
  context: Context,
): Promise<DiffOutcome> {
  const cluster = await context.ports();
  const replaces = ["namespace", "name"].filter((key) => state[key] !== inputs[key]);
  const before = recordedCluster(state);
  // Only the program moves a stream elsewhere. A shell or a kubeconfig that points to another cluster does not: the
  // delete of the old one, which has no other connection, could never find it.
  if (!connectionChanged) requireSameCluster(before, cluster.identity);
  if (before !== undefined && !isSameCluster(before, cluster.identity)) replaces.push("connection");
  if (replaces.length > 0) return { kind: "inputs", replaces };

  const desired = await desiredOf(inputs);
  const recorded = await desiredOf(state);
  if (desired === undefined || !isDeepStrictEqual(desired, recorded)) return { kind: "inputs", replaces };
  if (!sameImages(foreseenResolved(state, inputs, desired), recordedResolved(inputs)))
    return { kind: "inputs", replaces };
  const observed = await observeStream(known, cluster, placed(desired), { ...context, isNew: false });
  const written = recordedStream(state, desired);
  if (hasDrifted(desired, observed, written, recordedResolved(state), computedIsKept))
    return { kind: "drift" };
  return { kind: (await hasOtherSecret(cluster, state, placed(desired), context)) ? "drift" : "same" };
}

async function execute(
  { known, newClaim, gone }: Dependencies,
  { state, inputs, computedIsKept }: ExecuteRequest & Partial<OfState>,
  { ports, urn, signal, claimant, log, redact }: Context,
): Promise<Executed> {
  const desired = gone.marked(urn, await requireDesired(inputs));
  const cluster = await ports();
  if (state !== undefined) requireSameCluster(recordedCluster(state), cluster.identity);
  const last = await lastRun(state);
  const recorded = state === undefined ? undefined : recordedStream(state, last.desired);
  const claim = recorded?.claim || newClaim();
  const found = await observeStream(known, cluster, desired, { signal, isNew: state === undefined });
  const request = {
    desired,
    recorded,
    claim,
    claimant,
    planned: recordedResolved(inputs),
    last,
    lostImages: found.lostImages,
    importsNothing: computedIsKept,
    triggersChanged: state !== undefined && triggersChanged(state, desired) === true,
  };
  known.drop(cluster, desired);
  const watch = { signal, ...log };
  const done = await importWithSecret(cluster, request, recordedSecrets(state), watch, (secret) =>
    executeImport(cluster, { ...request, ...secret }, watch),
  ).finally(() => known.drop(cluster, desired));
  for (const line of describeExecution(done)) log.info(line);
  const outputs = streamOutputs({
    ...request,
    ...done,
    inputs,
    cluster: cluster.identity,
    resolved: withoutRollouts(redactErrors(withSources(done.resolved, desired.selected), redact)),
    lookupBefore: lookupBefore(desired, recorded, found.stream),
    owned: stillOwned(recorded, done.removed),
  });
  return { id: streamName(desired), outputs, failures: done.failures };
}

async function read(
  { known }: Dependencies,
  { id, state }: OfState & { readonly id: string },
  context: Context,
): Promise<ReadOutcome | undefined> {
  const cluster = await context.ports();
  requireSameCluster(recordedCluster(state), cluster.identity);
  const observed = await observeStream(known, cluster, streamKey(state), { ...context, isNew: false });
  const { stream } = observed;
  if (stream === undefined) return undefined;
  const desired = await desiredOf(state);
  if (desired === undefined) return { id, outputs: state, inputs: mirrored(state) };
  const shown = await shownState(cluster, state, placed(desired), context);
  const inputs = liveInputs(mirrored(shown), desired, stream);
  const resolved = withMissing(liveResolved(recordedResolved(state), desired, observed), desired.selected);
  return { id, outputs: { ...shown, ...inputs, resolved }, inputs: { ...inputs, resolved } };
}

async function remove(
  { known, useWait }: Dependencies,
  { state }: OfState,
  { ports, signal, log }: Context,
): Promise<void> {
  const cluster = await ports();
  requireSameCluster(recordedCluster(state), cluster.identity);
  const order = await removalOrder(state);
  const watch = { ...log, signal, useWait };
  const removal = await executeStreamRemoval(cluster, order, watch).finally(() =>
    known.drop(cluster, order.key),
  );
  await removeSecrets(cluster, order, watch);
  if (removal.kept !== undefined && removal.kept.length > 0) {
    log.info(`image stream ${streamName(order.key)} stays, with the tags ${removal.kept.join(", ")}`);
  }
}
