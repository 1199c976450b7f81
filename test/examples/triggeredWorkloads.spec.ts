import assert from "node:assert/strict";
import { type FinishedExample, runExample } from "../support/programs/example.js";
import { heededTriggers, type PodSpec } from "../support/workloads/triggerController.js";

const digest = `sha256:${"4f".repeat(32)}`;
const pullSpec = `quay.io/acme/web@${digest}`;
const stream = "pulumi-nodejs:dynamic/okd:ImportedImageStream";

function run(preview: boolean): Promise<FinishedExample> {
  return runExample("triggered-workloads", {
    config: {
      kubeconfig: "apiVersion: v1\nkind: Config\n",
      namespace: "shop",
      image: "quay.io/acme/web:edge",
    },
    secretConfig: ["kubeconfig"],
    preview,
    outputsOf: ({ type }) =>
      type === stream ? { name: "web", resolved: { edge: { digest, pullSpec } } } : {},
  });
}

interface Workload {
  readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
  readonly spec: {
    readonly template: { readonly spec: PodSpec };
    readonly jobTemplate: { readonly spec: { readonly template: { readonly spec: PodSpec } } };
    readonly triggers: unknown;
  };
}

describe("examples/triggered-workloads", function () {
  this.timeout(60_000);

  for (const preview of [true, false]) {
    describe(preview ? "in a preview" : "in up", () => {
      let example: FinishedExample;
      before(async () => {
        example = await run(preview);
      });
      const inputs = (type: string) =>
        example.resources.find((resource) => resource.type === type)?.inputs as unknown as Workload;
      const triggers = ({ metadata }: Workload, spec: PodSpec, podPath: string) =>
        heededTriggers(metadata.annotations["image.openshift.io/triggers"] ?? "", {
          namespace: "shop",
          podPath,
          spec,
        });

      it("triggers both containers of the Deployment", () => {
        const deployment = inputs("kubernetes:apps/v1:Deployment");
        const podSpec = deployment.spec.template.spec;
        assert.deepEqual(triggers(deployment, podSpec, "spec.template.spec"), [
          { container: "containers/web", tag: "shop/web:edge", paused: false },
          { container: "initContainers/migrate", tag: "shop/web:edge", paused: false },
        ]);
      });

      it("triggers the container of the CronJob, beside its other annotation", () => {
        const job = inputs("kubernetes:batch/v1:CronJob");
        const podSpec = job.spec.jobTemplate.spec.template.spec;
        assert.equal(job.metadata.annotations["team"], "shop");
        assert.deepEqual(triggers(job, podSpec, "spec.jobTemplate.spec.template.spec"), [
          { container: "containers/report", tag: "shop/web:edge", paused: false },
        ]);
      });

      it("builds anew on the image that the build starts from", () => {
        const build = inputs("kubernetes:build.openshift.io/v1:BuildConfig");
        assert.deepEqual(build.spec.triggers, [{ type: "ImageChange", imageChange: {} }]);
      });

      it("lets the pod name the tag", () => {
        const { metadata } = inputs("kubernetes:core/v1:Pod");
        assert.deepEqual(metadata.annotations, { "alpha.image.policy.openshift.io/resolve-names": "*" });
      });
    });
  }
});
