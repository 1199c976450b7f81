import type { KubeObject, SandboxOptions } from "okd-image-sandbox";

type CustomKind = NonNullable<SandboxOptions["customKinds"]>[number];

/** What an operator installs, and an object of its kind that uses an image. */
export interface CustomUse {
  /** Who uses what, for a test's title. */
  readonly title: string;
  readonly kind: CustomKind;
  readonly use: (image: string) => KubeObject;
}

const text = { type: "string" };
const number = { type: "integer" };
const list = (items: object) => ({ type: "array", items });
const object = (properties: object) => ({ type: "object", properties });
const map = (values: object) => ({ type: "object", additionalProperties: values });
const anything = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
const root = (spec: object) =>
  object({
    apiVersion: text,
    kind: text,
    metadata: { type: "object" },
    spec,
    status: object({ ready: { type: "boolean" } }),
  });
const podSpec = object({ containers: list(object({ name: text, image: text })) });
const podTemplate = object({ metadata: { type: "object" }, spec: podSpec });

/** `services.serving.knative.dev/v1 Service` */
function kindOf(text: string, spec: object | undefined, isNamespaced = true): CustomKind {
  const [name = "", kind = ""] = text.split(" ");
  const [plural = "", version = ""] = name.split("/");
  const [resource = "", ...group] = plural.split(".");
  return {
    group: group.join("."),
    version,
    resource,
    kind,
    namespaced: isNamespaced,
    ...(spec === undefined ? {} : { schema: root(spec) }),
  };
}

function useOf(
  title: string,
  kind: CustomKind,
  spec: (image: string) => object,
  metadata: object = {},
): CustomUse {
  const where = kind.namespaced ? { namespace: "apps" } : {};
  return {
    title,
    kind,
    use: (image) => ({
      apiVersion: `${kind.group}/${kind.version}`,
      kind: kind.kind,
      metadata: { name: "user", ...where, ...metadata },
      spec: spec(image),
    }),
  };
}

const containers = (image: string) => ({ containers: [{ name: "main", image }] });

/** As their operators write them, their schemas cut down to what leads to the image. */
export const customUses: readonly CustomUse[] = [
  useOf(
    "the containerDisk of a KubeVirt VirtualMachine",
    kindOf(
      "virtualmachines.kubevirt.io/v1 VirtualMachine",
      object({
        running: { type: "boolean" },
        template: object({
          spec: object({ volumes: list(object({ name: text, containerDisk: object({ image: text }) })) }),
        }),
      }),
    ),
    (image) => ({
      template: { spec: { volumes: [{ name: "root", containerDisk: { image } }] } },
    }),
  ),
  useOf(
    "the registry source of a CDI DataVolume",
    kindOf(
      "datavolumes.cdi.kubevirt.io/v1beta1 DataVolume",
      object({ source: object({ registry: object({ url: text }) }) }),
    ),
    (image) => ({ source: { registry: { url: `docker://${image}` } } }),
  ),
  useOf(
    "the job of a KEDA ScaledJob",
    kindOf(
      "scaledjobs.keda.sh/v1alpha1 ScaledJob",
      object({ jobTargetRef: object({ template: podTemplate }) }),
    ),
    (image) => ({ jobTargetRef: { template: { spec: containers(image) } } }),
  ),
  useOf(
    "a Knative Service",
    kindOf("services.serving.knative.dev/v1 Service", object({ template: object({ spec: anything }) })),
    (image) => ({ template: { spec: containers(image) } }),
  ),
  useOf("a Knative Revision", kindOf("revisions.serving.knative.dev/v1 Revision", podSpec), containers),
  useOf("a step of a Tekton Task", kindOf("tasks.tekton.dev/v1 Task", anything), (image) => ({
    steps: [{ name: "build", image }],
  })),
  useOf(
    "a parameter of a Tekton PipelineRun",
    kindOf(
      "pipelineruns.tekton.dev/v1 PipelineRun",
      object({
        params: list(object({ name: text, value: { "x-kubernetes-preserve-unknown-fields": true } })),
      }),
    ),
    (image) => ({ params: [{ name: "builder", value: image }] }),
  ),
  useOf(
    "an embedded task of a Tekton Pipeline",
    kindOf("pipelines.tekton.dev/v1 Pipeline", object({ tasks: list(anything) })),
    (image) => ({ tasks: [{ name: "t", taskSpec: { steps: [{ image }] } }] }),
  ),
  useOf(
    "a template of an Argo Workflow",
    kindOf("workflows.argoproj.io/v1alpha1 Workflow", anything),
    (image) => ({ templates: [{ name: "main", container: { image } }] }),
  ),
  useOf(
    "an Argo CronWorkflow",
    kindOf(
      "cronworkflows.argoproj.io/v1alpha1 CronWorkflow",
      object({
        schedule: text,
        workflowSpec: object({ templates: list(object({ script: object({ image: text }) })) }),
      }),
    ),
    (image) => ({ schedule: "0 0 * * *", workflowSpec: { templates: [{ script: { image } }] } }),
  ),
  useOf(
    "an Argo Rollout that is scaled down",
    kindOf("rollouts.argoproj.io/v1alpha1 Rollout", object({ replicas: number, template: podTemplate })),
    (image) => ({ replicas: 0, template: { spec: containers(image) } }),
  ),
  useOf(
    "spec.image of an operator's resource",
    kindOf("caches.example.com/v1 Cache", object({ size: number, image: text })),
    (image) => ({ size: 3, image }),
  ),
  useOf(
    "values inline, as YAML",
    kindOf("helmcharts.example.com/v1 HelmChart", object({ chart: text, valuesContent: text })),
    (image) => ({ chart: "web", valuesContent: `replicas: 2\nweb:\n  image: "${image}"\n` }),
  ),
  useOf(
    "values inline, as an object",
    kindOf("releases.example.com/v1 Release", object({ values: anything })),
    (image) => ({ values: { web: { image } } }),
  ),
  useOf(
    "a manifest inline",
    kindOf(
      "manifestworks.work.example.com/v1 ManifestWork",
      object({ workload: object({ manifests: list(anything) }) }),
    ),
    (image) => ({ workload: { manifests: [{ kind: "Pod", spec: containers(image) }] } }),
  ),
  useOf(
    "a variable",
    kindOf("gateways.example.com/v1 Gateway", object({ env: list(object({ name: text, value: text })) })),
    (image) => ({ env: [{ name: "RELATED_IMAGE_PROXY", value: image }] }),
  ),
  useOf(
    "a map of texts under a name that hints at images",
    kindOf("suites.example.com/v1 Suite", object({ images: map(text) })),
    (image) => ({ images: { proxy: image } }),
  ),
  useOf(
    "a kind whose schema takes anything",
    kindOf("widgets.example.com/v1 Widget", undefined),
    (image) => ({
      engine: { part: [image] },
    }),
  ),
  useOf(
    "a kind that no namespace has",
    kindOf("platforms.example.com/v1 Platform", object({ agentImage: text }), false),
    (agentImage) => ({ agentImage }),
  ),
];
