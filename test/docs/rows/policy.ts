import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ArgumentRows, codeOf, row } from "../../support/documented/argumentRow.js";
import { daysAgo, PolicyScene, runningPod, taskWith } from "../../support/worlds/arguments/policy.js";

const settings = { apiVersion: "v1", kind: "ConfigMap" };

/** Every argument of an ImagePrunePolicy, by its path. */
export function policyRows(scene: () => PolicyScene): ArgumentRows {
  const plan = (more: object) => scene().plan(more);
  /** Images that would be deleted, or the code of the error. */
  const images = async (more: object) => {
    const planned = await plan(more);
    return typeof planned === "string" ? planned : planned.images;
  };
  const laidOver = (base: object) => (more: object) => images({ ...base, ...more });
  const registryText = async (more: object) => {
    const planned = await plan(more);
    return typeof planned === "string" ? planned : String(planned.coverage.registry);
  };
  const registryAt = (registry: object) => async (more: { readonly registry?: object }) =>
    await registryText({ registry: { ...registry, ...more.registry } });
  /** On a cluster of its own, since something is pruned there. */
  const executed = (work: (own: PolicyScene, more: object) => Promise<unknown>) => async (more: object) => {
    const own = await PolicyScene.start();
    try {
      return await work(own, more);
    } finally {
      await own.close();
    }
  };
  /** A fresh cluster: what one preview has read, the next one of the process does not read again. */
  const anew = (arrange: (own: PolicyScene) => unknown) =>
    executed(async (own, more) => {
      arrange(own);
      const planned = await own.plan(more);
      return typeof planned === "string" ? planned : planned.images;
    });
  const forbidden = { kind: "Status", apiVersion: "v1", status: "Failure", reason: "Forbidden", code: 403 };
  const withoutBuilds = ({ sandbox: { faults } }: PolicyScene) =>
    faults.add({ path: "/builds\\?", times: 0, effect: { kind: "answer", status: 403, body: forbidden } });
  const listsNodes = executed(async (own, more) => {
    await own.plan(more);
    return own.sandbox.requests.matching({ path: /\/nodes$/ }).length > 0;
  });
  const other = () => ({ token: scene().sandbox.users[0]?.token ?? "" });
  const approve = async () => {
    const planReport = join(scene().folder, "approved.json");
    await plan({ namespace: "prod", mode: "report", planReport });
    return { approvedPlan: planReport };
  };
  const deletions = ({ sandbox }: PolicyScene) =>
    sandbox.requests.matching({ method: "DELETE", path: /\/images\// }).length;
  const atATime = async (own: PolicyScene, more: object) => {
    let [running, most] = [0, 0];
    own.sandbox.onRequest({ method: "DELETE", path: "/images/", times: 0 }, async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 100));
      running -= 1;
    });
    await own.up(more);
    return most > 1 ? "several" : "one";
  };
  const secondStep = async (own: PolicyScene, more: object) => {
    const first = await own.up({});
    return (await own.upAgain(first, more)).step;
  };
  const whileSlow = (path: string, verb: "create" | "update") => async (own: PolicyScene, more: object) => {
    const first = verb === "create" ? undefined : await own.up({ mode: "report" });
    own.sandbox.faults.add({ path, times: 0, effect: { kind: "delay", milliseconds: 900 } });
    return codeOf(first === undefined ? await own.up(more) : await own.upAgain(first, more));
  };

  return {
    connection: row(
      () => ({ connection: { ...scene().connection, ...other() } }),
      4,
      "PRUNE_PERMISSION",
      images,
    ),
    rules: row({ rules: "oc" }, true, false, listsNodes),
    keepYoungerThan: row({ keepYoungerThan: "55d" }, 4, 2, images),
    keepTagRevisions: row({ keepTagRevisions: 4 }, 4, 2, images),
    keepUnreferencedYoungerThan: row({ keepUnreferencedYoungerThan: "30d" }, 4, 3, images),
    select: row({ select: { namespaces: ["prod"] } }, 4, 1, images),
    "select.namespaces": row({ select: { namespaces: ["p*"] } }, 4, 1, images),
    "select.streams": row({ select: { streams: ["prod/*"] } }, 4, 1, images),
    "select.tags": row({ select: { tags: ["v*"] } }, 4, 0, images),
    "select.labels": row({ select: { labels: { team: "core" } } }, 4, 1, images),
    keep: row({ keep: { namespaces: ["prod"] } }, 4, 3, images),
    "keep.namespaces": row({ keep: { namespaces: ["p*"] } }, 4, 3, images),
    "keep.streams": row({ keep: { streams: ["shop/*"] } }, 4, 1, images),
    "keep.tags": row({ keep: { tags: ["latest"] } }, 4, 1, images),
    "keep.labels": row({ keep: { labels: { team: "core" } } }, 4, 3, images),
    "keep.digests": row(() => ({ keep: { digests: [scene().site[0]] } }), 4, 3, images),
    namespace: row({ namespace: "prod" }, 4, 1, images),
    allImages: row({ allImages: false }, 4, 3, images),
    pruneOverSizeLimit: row({ pruneOverSizeLimit: true }, 4, 1, images),
    limits: row({ limits: { images: 1 } }, 4, "PRUNE_LIMIT", images),
    "limits.images": row({ limits: { images: 3 } }, 4, "PRUNE_LIMIT", images),
    "limits.revisions": row({ limits: { revisions: 2 } }, 4, "PRUNE_LIMIT", images),
    "limits.bytes": row({ limits: { bytes: "1kB" } }, 4, "PRUNE_LIMIT", images),
    "limits.fraction": row({ limits: { fraction: 0.1 } }, 4, "PRUNE_LIMIT", images),
    force: row(
      { force: ["zeroRevisions"] },
      "PRUNE_REFUSED",
      10,
      laidOver({ keepTagRevisions: 0, limits: { fraction: 1 } }),
    ),
    invalidRefs: row(
      { invalidRefs: "ignore" },
      "PRUNE_INVALID_REFERENCE",
      4,
      anew((own) => own.sandbox.seed(runningPod("odd", "not an image"))),
    ),
    extraReferences: row({ extraReferences: [settings] }, 4, 3, images),
    "extraReferences[].apiVersion": row(
      { extraReferences: [settings] },
      "API_NOT_FOUND",
      3,
      laidOver({ extraReferences: [{ ...settings, apiVersion: "apps/v1" }] }),
    ),
    "extraReferences[].kind": row(
      { extraReferences: [settings] },
      4,
      3,
      laidOver({ extraReferences: [{ ...settings, kind: "Secret" }] }),
    ),
    "extraReferences[].jsonPath": row(
      { extraReferences: [{ ...settings, jsonPath: "$.data.note" }] },
      4,
      "PRUNE_INVALID_REFERENCE",
      anew(({ sandbox }) =>
        sandbox.seed({
          ...settings,
          metadata: { name: "note", namespace: "shop" },
          data: { note: "no image!" },
        }),
      ),
    ),
    skipKinds: row(
      { skipKinds: ["*.tekton.dev"] },
      3,
      4,
      anew(({ sandbox, site }) => sandbox.seed(taskWith(`any.example/shop/site@${site[0] ?? ""}`))),
    ),
    allowUnreadable: row({ allowUnreadable: ["builds"] }, "API_FORBIDDEN", 4, anew(withoutBuilds)),
    approvedPlan: row(approve, 4, 1, images),
    approvedFingerprint: row({ approvedFingerprint: `sha256:${"0".repeat(64)}` }, 4, 0, images),
    planReport: row(
      () => ({ planReport: join(scene().folder, "plan.md") }),
      false,
      true,
      async (more) => {
        await plan(more);
        return existsSync(join(scene().folder, "plan.md"));
      },
    ),
    pruneRegistry: row({ pruneRegistry: false }, /^https:.*writable$/, "undefined", registryText),
    registry: row(
      () => ({ registry: { url: scene().sandbox.integratedRegistry.url } }),
      /images\.config/,
      /registry\.url/,
      registryText,
    ),
    "registry.url": row(
      () => ({ registry: { url: scene().sandbox.integratedRegistry.url } }),
      /images\.config/,
      /registry\.url/,
      registryText,
    ),
    "registry.caCert": row(
      () => ({ registry: { caCert: scene().otherAuthority } }),
      /writable$/,
      /not reached/,
      registryText,
    ),
    "registry.skipTlsVerify": row({ registry: { skipTlsVerify: true } }, /not reached/, /writable$/, (more) =>
      registryAt({ caCert: scene().otherAuthority })(more),
    ),
    mode: row(
      { mode: "report" },
      4,
      0,
      executed(async (own, more) => (await own.up(more), deletions(own))),
    ),
    workers: row({ workers: 1 }, "several", "one", executed(atATime)),
    triggers: row({ triggers: ["again"] }, "same", "update", executed(secondStep)),
    "timeouts.check": row(
      { timeouts: { check: 0.2 } },
      "ok",
      "DEADLINE_EXCEEDED",
      executed(whileSlow("/pods", "create")),
    ),
    "timeouts.create": row(
      { timeouts: { create: 0.5 } },
      "ok",
      "DEADLINE_EXCEEDED",
      executed(whileSlow("/status$", "create")),
    ),
    "timeouts.update": row(
      { timeouts: { update: 0.5 } },
      "ok",
      "DEADLINE_EXCEEDED",
      executed(whileSlow("/status$", "update")),
    ),
    asOf: row(() => ({ asOf: daysAgo(35) }), 4, 3, images),
  };
}
