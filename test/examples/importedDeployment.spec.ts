import assert from "node:assert/strict";
import {
  type ExampleRun,
  type FinishedExample,
  read,
  type RegisteredResource,
  runExample,
  unwrap,
} from "../support/programs/example.js";

const digest = `sha256:${"4f".repeat(32)}`;
const pullSpec = `quay.io/acme/web@${digest}`;
const kubeconfig = "apiVersion: v1\nkind: Config\n";
const stream = "pulumi-nodejs:dynamic/okd:ImportedImageStream";

/** `null` is what a preview answers while the namespace does not exist: nothing is known yet. */
function run(
  preview: boolean,
  resolved: object | null = { v1: { digest, pullSpec } },
): Promise<FinishedExample> {
  const outputsOf: ExampleRun["outputsOf"] = ({ type }) =>
    type === stream && resolved !== null ? { resolved } : {};
  return runExample("imported-deployment", {
    config: {
      kubeconfig,
      namespace: "shop",
      image: "quay.io/acme/web:v1",
      registryUser: "acme+puller",
      registryPassword: "s3cret",
    },
    secretConfig: ["kubeconfig", "registryPassword"],
    preview,
    outputsOf,
  });
}

function only({ resources }: FinishedExample, type: string): RegisteredResource {
  const found = resources.filter((resource) => resource.type === type);
  assert.equal(found.length, 1, type);
  return found[0]!;
}

function metadataOf(resource: RegisteredResource): Readonly<Record<string, unknown>> {
  return resource.inputs["metadata"] as Readonly<Record<string, unknown>>;
}

interface PodSpec {
  readonly imagePullSecrets: readonly { readonly name: string }[];
  readonly containers: readonly { readonly image: unknown }[];
}

function podSpecOf(example: FinishedExample): PodSpec {
  const { spec } = only(example, "kubernetes:apps/v1:Deployment").inputs as {
    readonly spec: { readonly template: { readonly spec: PodSpec } };
  };
  return spec.template.spec;
}

describe("examples/imported-deployment", function () {
  this.timeout(60_000);

  for (const preview of [true, false]) {
    describe(preview ? "in a preview" : "in up", () => {
      let example: FinishedExample;
      before(async () => {
        example = await run(preview);
      });

      it("puts everything into one namespace, by one provider", () => {
        const provider = only(example, "pulumi:providers:kubernetes");
        const kubernetes = example.resources.filter(({ type }) => type.startsWith("kubernetes:"));

        assert.equal(metadataOf(only(example, "kubernetes:core/v1:Namespace"))["name"], "shop");
        for (const resource of kubernetes) {
          assert.ok(resource.provider?.includes(`::${provider.name}::`), resource.type);
          if (resource.type !== "kubernetes:core/v1:Namespace")
            assert.equal(metadataOf(resource)["namespace"], "shop", resource.type);
        }
        assert.equal(only(example, stream).inputs["namespace"], "shop");
      });

      it("keeps the registry's password secret, under the host of the image", () => {
        const { inputs } = only(example, "kubernetes:core/v1:Secret");
        const { value, isSecret } = unwrap(inputs["stringData"]);
        const config = (value as Record<string, string>)[".dockerconfigjson"]!;

        assert.equal(inputs["type"], "kubernetes.io/dockerconfigjson");
        assert.equal(isSecret, true);
        assert.deepEqual(JSON.parse(config), {
          auths: { "quay.io": { username: "acme+puller", password: "s3cret" } },
        });
      });

      it("imports after the secret exists, over the connection of the kubernetes provider", () => {
        const order = example.resources.map(({ type }) => type);
        const { value, isSecret } = unwrap(only(example, stream).inputs["connection"]);

        assert.ok(order.indexOf("kubernetes:core/v1:Secret") < order.indexOf(stream));
        assert.equal(isSecret, true);
        // Nothing else: a part that is unknown in a preview would keep the digests unknown.
        assert.deepEqual(value, { kubeconfig });
        assert.deepEqual(only(example, stream).inputs["tags"], { v1: "quay.io/acme/web:v1" });
      });

      it("runs the resolved digest, with the pull secret", async () => {
        const { containers, imagePullSecrets } = podSpecOf(example);
        const exported = await read(example.exports["runningImage"]);

        assert.deepEqual(
          containers.map(({ image }) => image),
          [pullSpec],
        );
        assert.deepEqual(imagePullSecrets, [
          { name: metadataOf(only(example, "kubernetes:core/v1:Secret"))["name"] },
        ]);
        assert.deepEqual(exported, { value: pullSpec, isKnown: true, isSecret: false });
      });
    });
  }

  it("previews an unknown image while the namespace does not exist", async () => {
    const example = await run(true, null);
    const exported = await read(example.exports["runningImage"]);

    assert.equal(exported.isKnown, false);
    assert.notEqual(podSpecOf(example).containers[0]?.image, pullSpec);
  });
});
