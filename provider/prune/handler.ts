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
  ReadOutcome,
  ResourceHandler,
  Verb,
} from "../lifecycle/resourceHandler.js";
import { withoutDeciding } from "../lifecycle/unknowns.js";
import type { Json, JsonObject } from "../lifecycle/wire.js";
import { isSameCluster, requireSameCluster } from "../okd/clusterIdentity.js";
import { deadlineMs } from "../support/async/abortable.js";
import { createFileClaims, type FileClaims } from "../support/files/claims.js";
import { ImageError } from "../support/imageError.js";
import { nameInUrn } from "../support/text/spelling.js";
import type { PruneArgs } from "./args/prune.js";
import { fromHandOver, type HandedOver, howPruned, toHandOver } from "./check/handOver.js";
import { createPlannedPrunes } from "./check/plannedPrunes.js";
import type { PreparedPrune } from "./check/preparePrune.js";
import { sharedReport } from "./check/sharedReport.js";
import { parse, requireArgs, requirePlan, settled } from "./inputs.js";
import { createSurveys } from "./memory.js";
import { contentOf } from "./plan/approval.js";
import type { PlanInput } from "./plan/preview.js";
import type { PruneCluster } from "./ports.js";
import { isNews, mirrored, pruneOutputs, recordedCluster, recordedPrune, refreshedPlan } from "./state.js";
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

/** The engine's verbs for ImagePrunePolicy. */
export function createPruneHandler(options: PruneHandlerOptions): ResourceHandler<PruneArgs, PruneCluster> {
  const { handOver, now, baseFolder, claims = createFileClaims() } = options;
  const surveys = createSurveys();
  const planned = createPlannedPrunes();

  async function check(request: CheckRequest<PruneArgs>, context: Context): Promise<CheckOutcome> {
    const { args, phase, oldInputs } = request;
    const shared = sharedReport(claims, context.urn, args, baseFolder);
    if (shared !== undefined) return { kind: "failed", reasons: [shared] };
    const handed = phase === "up" ? await handedOver(context.urn) : undefined;
    const prepared = await prepare(args, handed, context);
    planned.put(context.urn, await context.ports(), prepared);
    const failures = [...prepared.refusals, ...planned.overlaps(context.urn)];
    if (phase === "preview") await leave(prepared, { args, isRefused: failures.length > 0 }, context);
    if (phase === "up" && prepared.objection !== undefined) context.log.warn(prepared.objection);
    for (const warning of phase === "preview" ? prepared.problems : []) {
      context.log.warn(`pulumi up would stop here: ${warning}`);
    }
    if (phase === "up") failures.push(...prepared.problems);
    if (failures.length > 0) return { kind: "failed", reasons: failures };
    const computed = await settled(prepared, args, oldInputs);
    return { kind: "resolved", defaults: {}, computed: computed as unknown as Json };
  }

  async function prepare(
    args: PruneArgs,
    handed: HandedOver | undefined,
    context: Context,
  ): Promise<PreparedPrune> {
    const { urn, signal, log } = context;
    const { preparePrune } = await import("./check/preparePrune.js"); // what plans is loaded only where there is a pruner
    return await preparePrune(
      await context.ports(),
      surveys,
      { args, handed, urn, baseFolder },
      { signal, progress: log.progress, now },
    );
  }

  /** What the preview of this run of the CLI has left: the most that this run may do. */
  async function handedOver(urn: string): Promise<HandedOver> {
    const found = await handOver.find(urn);
    return found.kind === "found" ? fromHandOver(found.value) : found;
  }

  async function leave(
    { planning, input }: PreparedPrune,
    { args, isRefused }: { readonly args: PruneArgs; readonly isRefused: boolean },
    { urn, log, ports }: Context,
  ): Promise<void> {
    const { takenAt } = planning.survey.snapshot;
    const { identity: cluster } = await ports();
    const shown = { cluster, how: howPruned(args), takenAt, approval: contentOf(planning.plan), input };
    const isLeft = await handOver.leave(
      urn,
      toHandOver(isRefused ? { kind: "refused" } : { kind: "planned", ...shown }),
    );
    const isApproved = args.approvedPlan !== undefined || args.approvedFingerprint !== undefined;
    if (isLeft || isApproved || args.mode === "report" || input.images + input.revisions === 0) return;
    log.warn(
      `the CLI's process cannot be found from here, so pulumi up will not know what this preview has shown, and prune nothing. To let it prune this: approvedFingerprint: "${input.fingerprint}" [PRUNE_NOT_PREVIEWED]`,
    );
  }

  async function diff(state: JsonObject, request: DiffRequest, context: Context): Promise<DiffOutcome> {
    const { inputs } = request;
    const { identity } = await context.ports();
    const before = recordedCluster(state);
    if (!request.connectionChanged) requireSameCluster(before, identity);
    if (before !== undefined && !isSameCluster(before, identity)) {
      return { kind: "inputs", replaces: ["connection"] };
    }
    if (!isDeepStrictEqual(mirrored(inputs), mirrored(state))) return { kind: "inputs", replaces: [] };
    if (isNews(inputs, state, request.computedIsKept)) return { kind: "inputs", replaces: [] };
    // Only what this process has checked is a report; a refresh repeats the last run's. Changes have a summary of their own.
    if (planned.get(context.urn)?.isReport === true) context.log.info(summarisePrune(inputs));
    return { kind: "same" };
  }

  async function execute(
    request: ExecuteRequest,
    context: Context,
    state: JsonObject | undefined,
  ): Promise<Executed> {
    const { inputs } = request;
    const args = await requireArgs(inputs);
    const input = requirePlan(inputs);
    const cluster = await context.ports();
    if (state !== undefined) requireSameCluster(recordedCluster(state), cluster.identity);
    const isDue = args.mode === "prune" && !request.computedIsKept && input.images + input.revisions > 0;
    const lastPrune = state === undefined ? undefined : recordedPrune(state);
    const id = `prune-policy/${nameInUrn(context.claimant)}`;
    const outputsOf = (done: typeof lastPrune, isExecuted: boolean) =>
      pruneOutputs({ inputs, plan: input, cluster: cluster.identity, lastPrune: done, isExecuted });
    if (args.mode === "report") context.log.info(summarisePrune(inputs));
    if (!isDue) return { id, outputs: outputsOf(lastPrune, true), failures: [] };

    const { planning } = await recall(args, input, context);
    const { describeHarm, describeOutcome, executePolicy } = await import("./execute/policy.js");
    const outcome = await planned
      .inTurn(cluster, () =>
        executePolicy(
          cluster,
          { args, planning, urn: context.urn },
          {
            signal: context.signal,
            progress: context.log.progress,
            now,
          },
        ),
      )
      .finally(() => {
        surveys.drop(cluster);
        planned.forget(context.urn);
      });
    for (const line of describeOutcome(outcome)) context.log.info(line);
    for (const line of describeHarm(outcome)) context.log.warn(line);
    return {
      id,
      outputs: outputsOf(outcome.lastPrune, outcome.failures.length === 0),
      failures: outcome.failures,
    };
  }

  /** The plan in full. Of another process only its fingerprint is known: the same must come out again, or nothing happens. */
  async function recall(args: PruneArgs, input: PlanInput, context: Context): Promise<PreparedPrune> {
    const known = planned.get(context.urn);
    if (known?.input.fingerprint === input.fingerprint) return known;
    const again = await prepare(args, await handedOver(context.urn), context);
    if (again.input.fingerprint === input.fingerprint) return again;
    throw new ImageError(
      "PRUNE_PLAN_CHANGED",
      `The cluster has changed since the plan ${input.fingerprint} was made; now it would be ${again.input.fingerprint}. Nothing was pruned. Run pulumi up again`,
    );
  }

  async function read(id: string, state: JsonObject, context: Context): Promise<ReadOutcome> {
    requireSameCluster(recordedCluster(state), (await context.ports()).identity);
    const plan = refreshedPlan(state);
    return { id, outputs: state, inputs: { ...mirrored(state), ...(plan === undefined ? {} : { plan }) } };
  }

  return {
    computedKey: "plan",
    parse,
    defaults: () => ({}),
    summarise: summarisePrune,
    deadline: (verb, { timeouts }) => deadlineMs(verb, timeouts, defaultSeconds),
    // A report is written again by up; neither it nor the others change what is planned.
    knownPart: (inputs, unknown) =>
      withoutDeciding(inputs, unknown, ["planReport", "timeouts", "triggers", "workers"]),
    check,
    async leftUnknown(urn) {
      await handOver.leave(urn, toHandOver({ kind: "unknown" }));
    },
    diff,
    create: (request, context) => execute(request, context, undefined),
    update: (_id, state, request, context) => execute(request, context, state),
    read,
    /** Forgets the policy; what is pruned stays pruned, and nothing more goes. */
    delete: () => Promise.resolve(),
  };
}
