import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { KubeObject } from "okd-image-sandbox";
import type { PrunePlan } from "../../provider/prune/outputs.js";
import type { PlanReport } from "../../provider/prune/report/model.js";
import {
  type FinishedExample,
  type RegisteredResource,
  runExample,
  unwrap,
} from "../support/programs/example.js";
import { planIn, type PruneWorld, repositoryHost, startPruneWorld } from "../support/worlds/prune.js";

const policyType = "pulumi-nodejs:dynamic/okd:ImagePrunePolicy";
const account = "system:serviceaccount:image-pruner:image-pruner";
const kubeconfig = "apiVersion: v1\nkind: Config\n";

function run(config: Readonly<Record<string, string>> = {}): Promise<FinishedExample> {
  return runExample("image-prune", {
    config: { createServiceAccount: "true", kubeconfig, planReport: "out/plan.json", ...config },
    secretConfig: ["kubeconfig"],
    preview: false,
    outputsOf: ({ type }) => {
      if (type === policyType) return { plan: { fingerprint: "sha256:0" } };
      if (type === "kubernetes:core/v1:Secret") {
        return { data: { token: Buffer.from("the account's token").toString("base64") } };
      }
      return {};
    },
  });
}

function only({ resources }: FinishedExample, type: string): RegisteredResource {
  const found = resources.filter((resource) => resource.type === type);
  assert.equal(found.length, 1, type);
  return found[0]!;
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** An object that the example makes in the group of roles and bindings. */
interface RightsObject extends KubeObject {
  readonly rules?: readonly Rule[];
}

function rightsObjects(example: FinishedExample): readonly RightsObject[] {
  const apiVersion = "rbac.authorization.k8s.io/v1";
  return example.resources
    .filter(({ type }) => type.startsWith(`kubernetes:${apiVersion}:`))
    .map(({ inputs }) => ({ ...inputs, apiVersion }) as unknown as RightsObject);
}

/** Every single right: a verb on a resource. */
interface Right {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
}

function rightsIn(objects: readonly RightsObject[]): readonly Right[] {
  return objects.flatMap(({ rules = [] }) =>
    rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => ({ group, resource, verb }))),
      ),
    ),
  );
}

function without(
  objects: readonly RightsObject[],
  { group, resource, verb }: Right,
): readonly RightsObject[] {
  const reduced = (rule: Rule): readonly Rule[] =>
    rule.apiGroups.includes(group) && rule.resources.includes(resource)
      ? [
          { ...rule, resources: rule.resources.filter((each) => each !== resource) },
          { ...rule, resources: [resource], verbs: rule.verbs.filter((each) => each !== verb) },
        ]
      : [rule];
  return objects.map((object) =>
    object.rules === undefined ? object : { ...object, rules: object.rules.flatMap(reduced) },
  );
}

/** The binding to cluster-reader, which has most of the other rights too. */
function isReader(object: RightsObject): boolean {
  return (
    (object as unknown as { readonly roleRef?: { readonly name: string } }).roleRef?.name === "cluster-reader"
  );
}

const rbac = "rbac.authorization.k8s.io";
/** Of what cluster-reader has, only what the custom resources of this cluster need. */
const readerOfCustomResources: readonly RightsObject[] = [
  {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRole",
    metadata: { name: "custom-reader" },
    rules: [
      { apiGroups: ["apiextensions.k8s.io"], resources: ["customresourcedefinitions"], verbs: ["list"] },
      { apiGroups: ["config.openshift.io"], resources: ["clusterversions", "images"], verbs: ["list"] },
    ],
  },
  {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name: "custom-reader" },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "custom-reader" },
    subjects: [{ kind: "ServiceAccount", name: "image-pruner", namespace: "image-pruner" }],
  },
];

const nameOf = ({ group, resource, verb }: Right) => `${verb} ${resource}${group === "" ? "" : `.${group}`}`;

describe("examples/image-prune", function () {
  this.timeout(60_000);

  it("makes the account and its rights before the policy, which connects as the account", async () => {
    const example = await run();
    const order = example.resources.map(({ type }) => type);
    const { inputs } = only(example, policyType);
    const { value, isSecret } = unwrap(inputs["connection"]);

    assert.equal(order.at(-1), policyType);
    assert.deepEqual(value, { kubeconfig, token: "the account's token" });
    assert.equal(isSecret, true);
    for (const { kind, subjects } of rightsObjects(example) as unknown as Bindings) {
      if (kind.endsWith("Binding"))
        assert.deepEqual(subjects, [
          { kind: "ServiceAccount", name: "image-pruner", namespace: "image-pruner" },
        ]);
    }
  });

  it("consists of the policy alone where the account exists", async () => {
    const example = await run({ createServiceAccount: "false" });

    assert.deepEqual(
      example.resources.map(({ type }) => type),
      [policyType],
    );
    assert.equal(only(example, policyType).inputs["connection"], undefined);
  });

  it("only reports until a plan is approved", async () => {
    const proposed = only(await run(), policyType).inputs;
    const approved = only(await run({ approvedPlan: "approved/plan.json" }), policyType).inputs;

    assert.deepEqual([proposed["mode"], proposed["approvedPlan"]], ["report", undefined]);
    assert.deepEqual([approved["mode"], approved["approvedPlan"]], ["prune", "approved/plan.json"]);
    assert.notEqual(approved["approvedPlan"], approved["planReport"]);
  });

  describe("its rights", () => {
    let objects: readonly RightsObject[];
    let args: Readonly<Record<string, unknown>>;
    let world: PruneWorld;

    before(async () => {
      const example = await run();
      objects = rightsObjects(example);
      const { inputs } = only(example, policyType);
      const own = ["keepYoungerThan", "keepTagRevisions", "keep", "limits", "planReport"];
      args = Object.fromEntries(own.map((key) => [key, inputs[key]]));
    });
    afterEach(() => world.close());

    /** What an `up` that prunes says and does for the account when it has these rights. */
    async function prune(granted: readonly RightsObject[]): Promise<PruneRun> {
      world = await openScene();
      const { sandbox, folder } = world;
      for (const object of granted) sandbox.seed(object);
      const connection = { kubeconfig: sandbox.kubeconfig(), token: sandbox.addToken(account) };
      const pulumi = world.pulumi();
      const failure = await pulumi.up({ ...args, connection }).then(
        () => "",
        (error: unknown) => String(error),
      );
      const file = join(folder, String(args["planReport"]));
      const report = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as PlanReport) : undefined;
      return { failure, report, plan: pulumi.state && planIn(pulumi.state.inputs), lines: pulumi.lines };
    }

    it("are enough", async () => {
      const { failure, lines, plan, report } = await prune(objects);

      assert.equal(failure, "");
      assert.match(lines.join("\n"), /pruned 1 image and 1 revision/);
      // By the verification, which needs the right to the layers of the image that the scene pushes.
      assert.match(lines.join("\n"), /was pushed, tagged or imported while its content was deleted/);
      assert.match(String(plan?.coverage["registry"]), /external hostname in images\.config/);
      assert.equal(typeof report?.cluster.uid, "string");
      assert.doesNotMatch(JSON.stringify(report?.coverage), /may not be read/);
    });

    const registryIsFoundWithout =
      (right: string) =>
      ({ plan }: PruneRun): boolean =>
        String(plan?.coverage["registry"]).includes(`, writable; this user may not ${right}`);

    /** Rights whose lack does not stop a prune, and how it shows. */
    const shownBy: Readonly<Record<string, (run: PruneRun) => boolean>> = {
      "get images.config.openshift.io": registryIsFoundWithout("get images.config.openshift.io/cluster"),
      "list routes.route.openshift.io": registryIsFoundWithout("list routes.route.openshift.io in namespace"),
      "get services": registryIsFoundWithout("get service image-registry"),
      "get clusterversions.config.openshift.io": ({ report }) =>
        report?.coverage.clusterVersion === "may not be read",
      "get clusteroperators.config.openshift.io": ({ report }) =>
        report?.coverage.registryOperator === "may not be read",
      "get imagepruners.imageregistry.operator.openshift.io": ({ report }) =>
        report?.coverage.imagePruner === "may not be read",
      "get namespaces": ({ report }) => report !== undefined && report.cluster.uid === undefined,
    };

    it("include those of cluster-reader, without which a run names the custom resources that it must read", async () => {
      const { failure } = await prune(objects.filter((object) => !isReader(object)));

      assert.match(
        failure,
        /may not list \S+\.config\.openshift\.io; .*cluster-reader.*\[PRUNE_PERMISSION\]/,
      );
    });

    it("are all needed: without one of them a run names it, or shows what it could not see", async () => {
      const rights = rightsIn(objects);
      const others = [...objects.filter((object) => !isReader(object)), ...readerOfCustomResources];
      const untold: string[] = [];
      for (const right of rights) {
        const name = nameOf(right);
        const result = await prune(without(others, right));
        await world.close();
        const shows = shownBy[name];
        const isTold =
          shows === undefined
            ? result.failure.includes(right.resource) &&
              /UNAUTHORIZED|FORBIDDEN|PERMISSION/.test(result.failure)
            : result.failure === "" && shows(result);
        if (!isTold) untold.push(`${name}: ${result.failure}`);
      }

      assert.ok(rights.length > 25);
      assert.deepEqual(untold, []);
    });
  });
});

interface PruneRun {
  /** Empty when it succeeded. */
  readonly failure: string;
  readonly report: PlanReport | undefined;
  readonly plan: PrunePlan | undefined;
  readonly lines: readonly string[];
}

/**
 * shop/web:latest with five revisions: the oldest can go, the next is in use. While the layer that only the oldest
 * has is being deleted, an image is pushed that has it too.
 */
async function openScene(): Promise<PruneWorld> {
  const world = await startPruneWorld({ namespaces: ["shop"] });
  const [oldest, used] = [90, 80, 70, 60, 50].map((days) =>
    world.push("shop/web:latest", `web ${days}`, days),
  );
  for (const name of ["a", "b", "c"]) world.push(`shop/${name}:v1`, name, 90);
  world.runPod("web", `${repositoryHost}/shop/web@${used?.digest ?? ""}`);
  const path = `/admin/blobs/${oldest?.layerDigests[1] ?? ""}`;
  world.sandbox.onRequest({ server: "integrated", method: "DELETE", path }, () => {
    world.push("shop/again:v1", { layers: ["another base", "web 90"] });
  });
  return world;
}

type Bindings = readonly { readonly kind: string; readonly subjects: unknown }[];
