import assert from "node:assert/strict";
import { type ArgumentRow, codeOf, runRow } from "../support/documented/argumentRow.js";
import { pageAt } from "../support/documented/pages.js";
import { evaluated, programRows } from "../support/documented/programLines.js";
import { PolicyScene, runningPod } from "../support/worlds/arguments/policy.js";

/** What is observed without the row's line and with it, on a cluster of its own. */
type Run = Omit<ArgumentRow, "given" | "observe"> & {
  readonly observe: (scene: PolicyScene, more: object) => Promise<unknown>;
};

const planned = async (scene: PolicyScene, more: object) => {
  const plan = await scene.plan(more);
  return typeof plan === "string" ? plan : plan.images;
};
const registry = async (scene: PolicyScene, more: object) => {
  const plan = await scene.plan(more);
  return typeof plan === "string" ? plan : String(plan.coverage.registry);
};
const deletions = ({ sandbox }: PolicyScene) =>
  sandbox.requests.matching({ method: "DELETE", path: /\/images\// }).length;

const runs: Readonly<Record<string, Run>> = {
  "`namespace`": { without: 4, with: 1, observe: planned },
  "`all_images: false`": { without: 4, with: 3, observe: planned },
  "`keep_younger_than`": { without: 4, with: 2, observe: planned },
  "`prune_over_size_limit`": { without: 4, with: 1, observe: planned },
  "`registry_url`": { without: /images\.config/, with: /registry\.url/, observe: registry },
  "`registry_ca_cert`": { without: /writable$/, with: /not reached/, observe: registry },
  "`registry_validate_certs: false`": {
    without: /not reached/,
    with: /writable$/,
    observe: (scene, more) => registry(scene, { registry: { caCert: scene.otherAuthority }, ...more }),
  },
  "`prune_registry: false`": { without: /^https:.*writable$/, with: "undefined", observe: registry },
  "`ignore_invalid_refs`": {
    without: "PRUNE_INVALID_REFERENCE",
    with: 4,
    observe: (scene, more) => (scene.sandbox.seed(runningPod("odd", "not an image")), planned(scene, more)),
  },
  "nothing: it removes the current revision of idle tags": { without: 4, with: 2, observe: planned },
  "check mode": {
    without: 4,
    with: 0,
    observe: async (scene, more) => (await scene.up(more), deletions(scene)),
  },
  "returned `changed`": {
    without: "same",
    with: "update",
    observe: async (scene, more) => (await scene.upAgain(await scene.up({}), more)).step,
  },
};

type LastPrune = Readonly<Record<string, unknown>>;

/** Rows about what an `up` with the line returns. */
const returned: Readonly<Record<string, (lastPrune: LastPrune, scene: PolicyScene) => void>> = {
  "returned `deleted_images`": ({ deletedImages }, { sandbox, site }) => {
    const deleted = deletedImages as readonly string[];
    assert.equal(deleted.length, 4);
    for (const digest of deleted)
      assert.equal(sandbox.stored("images.image.openshift.io", digest), undefined);
    assert.ok(deleted.includes(site[1] ?? ""));
  },
  "returned `updated_image_streams`": ({ updatedImageStreams }) =>
    assert.deepEqual(updatedImageStreams, { "prod/api": 1, "shop/site": 2 }),
};

const linked = ["`host`, `api_key`, `kubeconfig` and the other options of the connection"];

describe("the options of Ansible's openshift_adm_prune_images in docs/from/ansible.md", function () {
  this.timeout(60_000);
  const rows = programRows(pageAt("docs/from/ansible.md"), "openshift_adm_prune_images");
  const scope = (scene: PolicyScene) => ({
    url: scene.sandbox.integratedRegistry.url,
    caCert: scene.otherAuthority,
  });
  const lineOf = (line: string, scene: PolicyScene) =>
    JSON.parse(JSON.stringify(evaluated(line, scope(scene)))) as object;
  /** What one preview has read, the next one of the process does not read again. */
  async function anew<T>(work: (scene: PolicyScene) => Promise<T>): Promise<T> {
    const scene = await PolicyScene.start();
    try {
      return await work(scene);
    } finally {
      await scene.close();
    }
  }

  it("have a run for every row", () => {
    assert.deepEqual(
      rows.map(({ option }) => option).toSorted(),
      [...Object.keys(runs), ...Object.keys(returned), ...linked].toSorted(),
    );
  });

  for (const { option, line } of rows) {
    const run = runs[option];
    const shows = returned[option];
    if (run !== undefined) {
      it(`${option} is ${line}`, () =>
        runRow({
          ...run,
          given: () => ({ line }),
          observe: (more) => anew((scene) => run.observe(scene, "line" in more ? lineOf(line, scene) : {})),
        }));
    }
    if (shows !== undefined) {
      it(`${option} is there after an up with ${line}`, () =>
        anew(async (scene) => {
          const applied = await scene.up(lineOf(line, scene));
          assert.equal(codeOf(applied), "ok");
          shows(applied.outputs.lastPrune as unknown as LastPrune, scene);
        }));
    }
  }
});
