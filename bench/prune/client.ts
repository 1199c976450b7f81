/** Surveys the cluster of `server.ts` in a process of its own, whose peak memory is then that of survey and plan. */
import { createClusterClient } from "../../provider/cluster/api/client.js";
import { clusterObjects } from "../../provider/cluster/lists/objects.js";
import { createCredentialChain } from "../../provider/http/credentialChain.js";
import type { SafePolicy } from "../../provider/prune/args/policy.js";
import { planPrune } from "../../provider/prune/plan/decide.js";
import { loadSurvey } from "../../provider/prune/survey/load.js";

/** Milliseconds and bytes. */
export interface PruneMeasurement {
  readonly survey: number;
  /** Of this process, all threads. */
  readonly surveyCpu: number;
  readonly plan: number;
  readonly peakAfterSurvey: number;
  readonly peak: number;
  readonly images: number;
  readonly streams: number;
  readonly referrers: number;
  readonly deletions: number;
}

const nothing = { namespaces: [], streams: [], tags: [], labels: {} };

const policy: SafePolicy = {
  rules: "safe",
  namespace: undefined,
  allImages: true,
  pruneRegistry: true,
  retention: { kind: "revisions", keepYoungerThanSeconds: 30 * 86_400, keepTagRevisions: 3 },
  invalidRefs: "fail",
  keepUnreferencedYoungerThanSeconds: 86_400,
  select: nothing,
  keep: { ...nothing, digests: [] },
};

async function main(server: string): Promise<void> {
  const credentials = { headers: { Authorization: "Bearer bench" }, certificate: undefined };
  const client = createClusterClient({
    endpoint: { server, ca: undefined, skipTlsVerify: false, tlsServerName: undefined, proxyUrl: undefined },
    credentials: createCredentialChain({
      origin: "bench",
      kind: "token",
      read: () => Promise.resolve(credentials),
    }),
    timeoutMs: 60_000,
  });
  const start = performance.now();
  const { snapshot } = await loadSurvey(
    clusterObjects(client),
    { rules: "safe", namespace: undefined, extraReferences: [], allowUnreadable: [], skipKinds: [] },
    { signal: new AbortController().signal, progress: () => undefined, now: Date.now },
  );
  const loaded = performance.now();
  const cpu = process.cpuUsage();
  const peakAfterSurvey = peakBytes();
  const planStart = performance.now();
  const result = planPrune(snapshot, policy);
  const measurement: PruneMeasurement = {
    survey: loaded - start,
    surveyCpu: (cpu.user + cpu.system) / 1000,
    plan: performance.now() - planStart,
    peakAfterSurvey,
    peak: peakBytes(),
    images: snapshot.images.length,
    streams: snapshot.streams.length,
    referrers: snapshot.referrers.length,
    deletions: result.ok && result.plan.images.kind === "planned" ? result.plan.images.deletions.length : -1,
  };
  console.log(JSON.stringify(measurement));
  await client.close();
}

function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}

void main(process.argv[2] ?? "");
