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
  Verb,
} from "../lifecycle/resourceHandler.js";
import { withoutDeciding } from "../lifecycle/unknowns.js";
import { isSameCluster, recordedCluster, requireSameCluster } from "../okd/clusterIdentity.js";
import { deadlineMs } from "../support/async/abortable.js";
import { createFileClaims, type FileClaims } from "../support/files/claims.js";
import { ImageError } from "../support/imageError.js";
import { nameInUrn } from "../support/text/spelling.js";
import type { PruneArgs } from "./args/parsed.js";
import { fromHandOver, type HandedOver, howPruned, toHandOver } from "./check/handOver.js";
import { createPlannedPrunes, type PlannedPrunes } from "./check/plannedPrunes.js";
import type { PreparedPrune, PreparePruneRequest } from "./check/preparePrune.js";
import { sharedReport } from "./check/sharedReport.js";
import type { PolicyOutcome } from "./execute/policy.js";
import { parse, requireArgs, requirePlan, settled } from "./inputs.js";
import { createSurveys, type Surveys } from "./memory.js";
import type { PrunePlan } from "./outputs.js";
import { contentOf } from "./plan/approval.js";
import type { PruneCluster } from "./ports.js";
import { isNews, mirrored, pruneOutputs, recordedPrune, refreshedPlan } from "./state.js";
import { summarisePrune } from "./summary.js";

type Context = HookContext<PruneCluster>;

const defaultSeconds: Readonly<Record<Verb, number>> = {
  check: 15 * 60,
  diff: 60,
  read: 60,
  create: 12 * 3600,
  update: 12 * 3600,
  delete: 60,
};

export interface PruneHandlerOptions {
  readonly handOver: HandOver;
  /** Folder that paths in arguments are relative to. */
  readonly baseFolder: string;
  /** This machine's clock, milliseconds since 1970. */
  readonly now: () => number;
  /** Which files the resources of the program write; those of all kinds share it. */
  readonly claims?: FileClaims;
}

/** What the verbs share in one process. */
interface Dependencies extends Required<PruneHandlerOptions> {
  readonly surveys: Surveys;
  readonly planned: PlannedPrunes;
}

/** The engine's verbs for ImagePrunePolicy. */
export function createPruneHandler(options: PruneHandlerOptions): ResourceHandler<PruneArgs, PruneCluster> {
  const dependencies: Dependencies = {
    ...options,
    claims: options.claims ?? createFileClaims(),
    surveys: createSurveys(),
    planned: createPlannedPrunes(),
  };
  return {
    computedKey: "plan",
    parse,
    defaults: () => ({}),
    // `up` writes the report again; neither the report nor the other arguments change the plan.
    knownPart: (inputs, unknown) =>
      withoutDeciding(inputs, unknown, ["planReport", "timeouts", "triggers", "workers"]),
    summarise: summarisePrune,
    deadline: (verb, { timeouts }) => deadlineMs(verb, timeouts, defaultSeconds),
    check: (request, context) => check(dependencies, request, context),
    leftUnknown: async (urn) => {
      await options.handOver.leave(urn, toHandOver({ kind: "unknown" }));
    },
    diff: (state, request, context) => diff(dependencies, { ...request, state }, context),
    create: (request, context) => execute(dependencies, request, context),
    update: (_id, state, request, context) => execute(dependencies, { ...request, state }, context),
    read: (id, state, context) => read({ id, state }, context),
    /** Forgets the policy, and deletes nothing. */
    delete: () => Promise.resolve(),
  };
}

async function check(
  dependencies: Dependencies,
  { args, phase, oldInputs }: CheckRequest<PruneArgs>,
  context: Context,
): Promise<CheckOutcome> {
  const { claims, planned, baseFolder } = dependencies;
  const { urn, log } = context;
  const shared = sharedReport(claims, urn, args, baseFolder);
  if (shared !== undefined) return { kind: "failed", reasons: [shared] };
  const handed = phase === "up" ? await handedOver(dependencies, urn) : undefined;
  const prepared = await prepare(dependencies, { args, handed }, context);
  planned.put(urn, await context.ports(), prepared);
  const failures = [...prepared.refusals, ...planned.overlaps(urn)];
  if (phase === "preview") {
    await leave(dependencies, { args, prepared, isRefused: failures.length > 0 }, context);
    for (const warning of prepared.problems) log.warn(`pulumi up would stop here: ${warning}`);
  } else {
    if (prepared.objection !== undefined) log.warn(prepared.objection);
    failures.push(...prepared.problems);
  }
  if (failures.length > 0) return { kind: "failed", reasons: failures };
  const computed = await settled(prepared, args, oldInputs);
  return { kind: "resolved", defaults: {}, computed };
}

async function prepare(
  { surveys, baseFolder, now }: Dependencies,
  { args, handed }: Pick<PreparePruneRequest, "args" | "handed">,
  { urn, signal, log, ports }: Context,
): Promise<PreparedPrune> {
  const { preparePrune } = await import("./check/preparePrune.js"); // what plans is loaded only where there is a pruner
  const request = { args, handed, urn, baseFolder };
  return await preparePrune(await ports(), surveys, request, { signal, progress: log.progress, now });
}

/** What the preview of this run of the CLI has left: the most that this run may do. */
async function handedOver({ handOver }: Dependencies, urn: string): Promise<HandedOver> {
  const found = await handOver.find(urn);
  return found.kind === "found" ? fromHandOver(found.value) : found;
}

interface Leaving {
  readonly args: PruneArgs;
  readonly prepared: PreparedPrune;
  readonly isRefused: boolean;
}

async function leave(
  { handOver }: Dependencies,
  { args, prepared: { planning, input }, isRefused }: Leaving,
  { urn, log, ports }: Context,
): Promise<void> {
  const { takenAt } = planning.survey.snapshot;
  const { identity: cluster } = await ports();
  const shown = { cluster, how: howPruned(args), takenAt, approval: contentOf(planning.plan), input };
  const left = toHandOver(isRefused ? { kind: "refused" } : { kind: "planned", ...shown });
  const isLeft = await handOver.leave(urn, left);
  const isApproved = args.approvedPlan !== undefined || args.approvedFingerprint !== undefined;
  if (isLeft || isApproved || args.mode === "report" || input.images + input.revisions === 0) return;
  log.warn(
    `the CLI's process cannot be found from here, so pulumi up will not know what this preview has shown, and prune nothing. To let it prune this: approvedFingerprint: "${input.fingerprint}" [PRUNE_NOT_PREVIEWED]`,
  );
}

async function diff(
  { planned }: Dependencies,
  { state, inputs, computedIsKept, connectionChanged }: DiffRequest & OfState,
  { urn, log, ports }: Context,
): Promise<DiffOutcome> {
  const { identity } = await ports();
  const before = recordedCluster(state);
  if (!connectionChanged) requireSameCluster(before, identity);
  if (before !== undefined && !isSameCluster(before, identity)) {
    return { kind: "inputs", replaces: ["connection"] };
  }
  if (!isDeepStrictEqual(mirrored(inputs), mirrored(state))) return { kind: "inputs", replaces: [] };
  if (isNews(inputs, state, computedIsKept)) return { kind: "inputs", replaces: [] };
  // Only what this process has checked is a report; a refresh repeats the last run's. Changes have a summary of their own.
  if (planned.get(urn)?.isReport === true) log.info(summarisePrune(inputs));
  return { kind: "same" };
}

async function execute(
  dependencies: Dependencies,
  { state, inputs, computedIsKept }: ExecuteRequest & Partial<OfState>,
  context: Context,
): Promise<Executed> {
  const args = await requireArgs(inputs);
  const plan = requirePlan(inputs);
  const { identity: cluster } = await context.ports();
  if (state !== undefined) requireSameCluster(recordedCluster(state), cluster);
  const isDue = args.mode === "prune" && !computedIsKept && plan.images + plan.revisions > 0;
  if (args.mode === "report") context.log.info(summarisePrune(inputs));
  const { lastPrune, failures } = isDue
    ? await executePlan(dependencies, { args, plan }, context)
    : { lastPrune: state === undefined ? undefined : recordedPrune(state), failures: [] };
  const isExecuted = failures.length === 0;
  const outputs = pruneOutputs({ inputs, plan, cluster, lastPrune, isExecuted });
  return { id: `prune-policy/${nameInUrn(context.claimant)}`, outputs, failures };
}

interface PlannedArgs {
  readonly args: PruneArgs;
  readonly plan: PrunePlan;
}

async function executePlan(
  dependencies: Dependencies,
  request: PlannedArgs,
  context: Context,
): Promise<PolicyOutcome> {
  const { surveys, planned, now } = dependencies;
  const { urn, signal, log } = context;
  const cluster = await context.ports();
  const { planning } = await recall(dependencies, request, context);
  const { describeHarm, describeOutcome, executePolicy } = await import("./execute/policy.js");
  const order = { args: request.args, planning, urn };
  const run = () => executePolicy(cluster, order, { signal, progress: log.progress, now });
  const outcome = await planned.inTurn(cluster, run).finally(() => {
    surveys.drop(cluster);
    planned.forget(urn);
  });
  for (const line of describeOutcome(outcome)) log.info(line);
  for (const line of describeHarm(outcome)) log.warn(line);
  return outcome;
}

/** The full plan. Another process leaves only its fingerprint: planning again must give the same one, or nothing happens. */
async function recall(
  dependencies: Dependencies,
  { args, plan: { fingerprint } }: PlannedArgs,
  context: Context,
): Promise<PreparedPrune> {
  const known = dependencies.planned.get(context.urn);
  if (known?.input.fingerprint === fingerprint) return known;
  const handed = await handedOver(dependencies, context.urn);
  const again = await prepare(dependencies, { args, handed }, context);
  if (again.input.fingerprint === fingerprint) return again;
  throw new ImageError(
    "PRUNE_PLAN_CHANGED",
    `The cluster has changed since the plan ${fingerprint} was made; now it would be ${again.input.fingerprint}. Nothing was pruned. Run pulumi up again`,
  );
}

async function read(
  { id, state }: OfState & { readonly id: string },
  { ports }: Context,
): Promise<ReadOutcome> {
  requireSameCluster(recordedCluster(state), (await ports()).identity);
  const plan = refreshedPlan(state);
  return { id, outputs: state, inputs: { ...mirrored(state), ...(plan === undefined ? {} : { plan }) } };
}
