import { createHash } from "node:crypto";
import { contentOf, cutKey, fingerprintOf } from "../../../provider/prune/plan/approval.js";
import { planPrune } from "../../../provider/prune/plan/decide.js";
import type { PruneDecision } from "../../../provider/prune/plan/decision.js";
import type { KeptExplanation } from "../../../provider/prune/plan/explainKept.js";
import type { ReportInput } from "../../../provider/prune/report/build.js";
import type { ClusterSnapshot, Image } from "../../../provider/prune/snapshot.js";
import type { PodReferrer } from "../../../provider/usage/referrer.js";
import type { StreamFacts, TagHistory } from "../../../provider/usage/streamFacts.js";

const takenAt = Date.parse("2026-11-20T12:03:41Z");
const day = 86_400_000;

const namespaces = ["ci", "shop", "payments", "platform", "data-lake", "team-atlas", "demo", "openshift"];
const applications = ["web", "api", "worker", "checkout", "search", "build", "site", "reports"];
const channels = ["latest", "main", "stable"];

/** Numbers below `bound`, always the same ones. */
type Dice = (bound: number) => number;

function createDice(seed: number): Dice {
  let state = seed;
  return (bound) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * bound);
  };
}

/**
 * The report of a realistic cluster: by default 60 streams of eight namespaces, with channels, releases and pull
 * requests; imported ones in `openshift`; pods that run some of it. More streams for a bigger one; always the same.
 */
export function exampleReport(streamCount = 60, seed = 7): ReportInput {
  const snapshot = exampleCluster(streamCount, seed);
  const keepYoungerThanSeconds = 30 * 86_400;
  const result = planPrune(snapshot, {
    rules: "oc",
    namespace: undefined,
    allImages: true,
    pruneRegistry: true,
    ignoreInvalidRefs: true,
    retention: { kind: "revisions", keepYoungerThanSeconds, keepTagRevisions: 3 },
  });
  if (!result.ok) throw new Error(result.refusal.kind);
  const { plan } = result;
  return {
    resourceName: "monthly",
    urn: "urn:pulumi:prod::okd::pulumi-nodejs:dynamic/okd:ImagePrunePolicy::monthly",
    plan: { ...plan, warnings: [{ kind: "unmatched-image-ids", count: 3 }] },
    survey: { snapshot, ...examplePart },
    registry: "https://default-route-openshift-image-registry.apps.prod.example, reached, deletes are on",
    policy: {
      keepYoungerThan: "30d",
      keepTagRevisions: 3,
      keep: { namespaces: ["prod-*"] },
      limits: { images: 5000, fraction: 0.3 },
      planReport: "out/prune.html",
    },
    cluster: { server: "https://api.prod.example:6443", uid: "1f0c5d0e-7c1f-4ab8-9a55-0c4c2b7f1d11" },
    cutoffs: [{ argument: "keepYoungerThan", at: takenAt - keepYoungerThanSeconds * 1000 - 221_000 }],
    fingerprint: fingerprintOf(contentOf(plan)),
    kept: explain(snapshot, plan),
    objections: [],
    warnings: [],
    notApproved: { revisions: 0, images: 0 },
  };
}

const examplePart: Pick<ReportInput["survey"], "coverage" | "conditions"> = {
  coverage: {
    read: { pods: 412, deployments: 96, replicasets: 380, statefulsets: 14, cronjobs: 22, imagestreams: 60 },
    costs: { pods: { bytes: 4_100_000, milliseconds: 310 } },
    absent: { builds: "API not served", buildconfigs: "API not served" },
    uncovered: ["widgets.example.io"],
    clockSkewSeconds: 2,
  },
  conditions: {
    imagePruner: {
      kind: "active",
      schedule: "0 0 * * *",
      keepTagRevisions: 3,
      keepYoungerThan: "60m0s",
      isRunning: false,
    },
    clusterVersion: "steady",
    registryOperator: "healthy",
  },
};

function exampleCluster(streamCount: number, seed: number): ClusterSnapshot {
  const dice = createDice(seed);
  const images = new Map<string, Image>();
  const layerBytes = new Map<string, number>();
  const streams = Array.from({ length: streamCount }, (_, index) =>
    exampleStream(index, dice, images, layerBytes),
  );
  return {
    takenAt,
    images: [...images.values()],
    streams,
    referrers: streams.flatMap((stream, index) => (index % 3 === 0 ? [podOf(stream)] : [])),
    imageLimits: [],
    layerBytes,
  };
}

function exampleStream(
  index: number,
  dice: Dice,
  images: Map<string, Image>,
  layerBytes: Map<string, number>,
): StreamFacts {
  const namespace = namespaces[(index * 5 + (index >> 3)) % namespaces.length] ?? "";
  const name = `${applications[index % applications.length]}${index < 8 ? "" : `-${index}`}`;
  const pulls = Array.from({ length: dice(5) }, () => `pr-${300 + dice(600)}`);
  const releases = Array.from({ length: 1 + dice(4) }, (_, minor) => `v1.${minor}.${dice(9)}`);
  const tags = [...new Set([...channels.slice(0, 1 + dice(3)), ...releases, ...pulls])];
  const managed = namespace !== "openshift";
  const histories = tags.map((tag): TagHistory => {
    const length = channels.includes(tag) ? 4 + dice(8) : 1 + dice(4);
    const youngest = tag.startsWith("pr-") ? 20 + dice(90) : dice(40);
    const isGone = tag.startsWith("pr-") && dice(6) === 0;
    const items = Array.from({ length }, (_, revision) => {
      const createdAt = takenAt - (youngest + revision * (4 + dice(14))) * day - dice(day);
      const digest = digestOf(`${namespace}/${name}:${tag}#${revision}`);
      // Some Images are missing already, as an older prune left them.
      if (!isGone && (revision === 0 || dice(40) > 0)) {
        images.set(
          digest,
          exampleImage(digest, createdAt, `${namespace}/${name}`, managed, dice, layerBytes),
        );
      }
      const host = managed ? "image-registry.openshift-image-registry.svc:5000" : "quay.io";
      return { digest, createdAt, pullSpec: `${host}/${namespace}/${name}@${digest}` };
    });
    return { tag, items };
  });
  return {
    namespace,
    name,
    createdAt: takenAt - 400 * day,
    labels: {},
    resourceVersion: String(1000 + index),
    specTags: [],
    tags: histories,
  };
}

function exampleImage(
  digest: string,
  createdAt: number,
  repository: string,
  managed: boolean,
  dice: Dice,
  layerBytes: Map<string, number>,
): Image {
  const base = digestOf(`base ${dice(4)}`);
  const own = Array.from({ length: 1 + dice(4) }, (_, layer) => digestOf(`${digest} ${layer}`));
  layerBytes.set(base, 74_000_000);
  for (const layer of own) layerBytes.set(layer, 200_000 + dice(60) * dice(3_000_000));
  return {
    digest,
    uid: digest.slice(7, 19),
    createdAt,
    managed,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    repository,
    isSigned: false,
    layers: [base, ...own],
    metadata: { kind: "known", configId: digestOf(`config ${digest}`), sizeBytes: 100_000_000 },
    manifests: [],
    unsaid: "nothing",
  };
}

function podOf({ namespace, name, tags }: StreamFacts): PodReferrer {
  const digest = tags[0]?.items.at(-1)?.digest ?? "";
  const image = `image-registry.openshift-image-registry.svc:5000/${namespace}/${name}@${digest}`;
  return {
    kind: "pod",
    namespace,
    name: `${name}-7d9c6bf5b8-x2vqk`,
    phase: "Running",
    createdAt: takenAt - 3 * day,
    images: [{ role: "container", name: "app", image }],
  };
}

/** Every item that no cut names. */
function explain({ streams, referrers }: ClusterSnapshot, plan: PruneDecision): KeptExplanation {
  const { cuts } = contentOf(plan);
  const pods = new Map(referrers.map((pod) => [`${pod.namespace}/${pod.name}`, pod]));
  const revisions = streams.flatMap(({ namespace, name, tags }) =>
    tags.flatMap(({ tag, items: history }) =>
      history.flatMap(({ digest, createdAt }, revision) => {
        if (cuts.has(cutKey({ namespace, name }, tag, { digest, createdAt }))) return [];
        const pod = pods.get(`${namespace}/${name}-7d9c6bf5b8-x2vqk`);
        const uses = pod?.kind === "pod" && pod.images.some(({ image }) => image.endsWith(digest));
        const user = { users: [`pod/${name}-7d9c6bf5b8-x2vqk namespace=${namespace}`], userCount: 1 };
        return [
          {
            ...{ namespace, name, tag, revision, digest, createdAt },
            ...(uses ? user : { users: [], userCount: 0 }),
            reason: uses
              ? ("digest-in-use" as const)
              : revision < 3
                ? ("revision-kept" as const)
                : ("young-revision" as const),
          },
        ];
      }),
    ),
  );
  return { revisions, images: [] };
}

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
