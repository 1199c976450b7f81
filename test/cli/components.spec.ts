import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SdkChoice } from "../support/cli/project.js";
import { useScene } from "../support/cli/scenes/imports.js";
import type { Stack } from "../support/cli/stack.js";

/** A program as a user writes it; `connection`, `host` and `Component` are there. */
interface Case {
  readonly title: string;
  readonly program: string;
  readonly resources: readonly string[];
}

const policy = `new okd.ImagePrunePolicy("cleanup", { connection, namespace: "shop", keepYoungerThan: "10d", pruneRegistry: false, force: ["noPods", "noStreams"] }, { parent: this })`;
const stream = `new okd.ImportedImageStream("web", { connection, namespace: "shop", source: "quay.io/acme/web:v1" }, { parent: this })`;
const archiveOf = (image: string) =>
  `new okd.ImageArchive("bundle", { connection, path: "web.tar", images: [${image}], registries: { [host]: { insecure: true } } }, { parent: this })`;

const cases: readonly Case[] = [
  {
    title: "all three in one, with siblings that give to them and take from them",
    program: `
      new Component("a", {}, function () {
        const where = new Value("where", "shop", { parent: this });
        const web = new okd.ImportedImageStream("web", { connection, namespace: where.result, source: "quay.io/acme/web:v1" }, { parent: this });
        ${policy};
        ${archiveOf('web.digest("v1").apply((digest) => `${host}/acme/web@${digest}`)')};
        new Value("after", web.digest("v1"), { parent: this });
        new Value("last", 1, { parent: this, dependsOn: [web] });
        this.registerOutputs({ digest: web.digest("v1") });
      });`,
    resources: ["where", "web", "cleanup", "bundle", "after", "last"],
  },
  {
    title: "in nested ones, with the connection of a provider that lies there too",
    program: `
      class Provider extends pulumi.ProviderResource {
        constructor(name, args, options) {
          super("pulumi-nodejs", name, args, options);
          this.kubeconfig = pulumi.secret(args.kubeconfig);
        }
      }
      new Component("outer", {}, function () {
        const provider = new Provider("cluster", { kubeconfig }, { parent: this });
        const connection = okd.connectionFrom(provider);
        ${policy};
        new Component("inner", { parent: this }, function () {
          const web = ${stream};
          ${archiveOf("`${host}/acme/web:v1`")};
          new Value("sibling", web.digest("v1"), { parent: this });
        });
      });`,
    resources: ["web", "cleanup", "bundle", "sibling"],
  },
  {
    title: "as parents of each other",
    program: `
      const outer = new okd.ImportedImageStream("web", { connection, namespace: "shop", source: "quay.io/acme/web:v1" });
      const inner = new okd.ImagePrunePolicy("cleanup", { connection, namespace: "shop", pruneRegistry: false, force: ["noPods", "noStreams"] }, { parent: outer });
      new Value("sibling", outer.digest("v1"), { parent: outer, dependsOn: [inner] });`,
    resources: ["web", "cleanup", "sibling"],
  },
];

const prelude = `
const pulumi = require("@pulumi/pulumi");
const okd = require("pulumi-okd-images");
const { connection, host, kubeconfig } = require("./surroundings.json");
class Component extends pulumi.ComponentResource {
  constructor(name, options, build) {
    super("test:index:Component", name, {}, options);
    build.call(this);
    this.registerOutputs();
  }
}
const valueProvider = { create: async (inputs) => ({ id: "value", outs: { result: inputs.value } }) };
class Value extends pulumi.dynamic.Resource {
  constructor(name, value, options) {
    super(valueProvider, name, { value, result: undefined }, options, "test", "Value");
  }
}
`;

describe("Resources in components, under the Pulumi CLI", function () {
  this.timeout(240_000);
  const scene = useScene("test/cli/components");

  async function stackOf(program: string, sdk: SdkChoice): Promise<Stack> {
    const stack = await scene.stack({ sdk });
    const { sandbox, connection } = scene.world;
    const surroundings = {
      connection,
      host: new URL(sandbox.registry().url).host,
      kubeconfig: sandbox.kubeconfig({ namespace: "shop" }),
    };
    writeFileSync(join(stack.project.folder, "surroundings.json"), JSON.stringify(surroundings));
    writeFileSync(join(stack.project.folder, "index.js"), prelude + program);
    return stack;
  }

  async function wholeLife(stack: Stack, resources: readonly string[]): Promise<void> {
    const names = (steps: readonly string[]) => steps.map((step) => step.split(" ")[1]).toSorted();
    const preview = await stack.succeed("preview");
    assert.deepEqual(names(preview.steps("preview")), resources.toSorted());
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.ok(scene.world.served("v1"));
    await stack.succeed("up", "--yes", "--expect-no-changes");
    const urn = stack.resource("web")?.outputs.__urn;
    assert.equal(urn, stack.resource("web")?.urn);
    await stack.succeed("destroy", "--yes", "--skip-preview");
    assert.equal(scene.world.stream(), undefined);
    assert.equal(existsSync(join(stack.project.folder, "web.tar")), false);
  }

  for (const { title, program, resources } of cases) {
    it(`pass preview, up, an unchanged up and destroy ${title}`, async () => {
      scene.world.publish("v1");
      await wholeLife(await stackOf(program, "locked"), resources);
    });
  }

  it("work with the oldest SDK that is supported", async () => {
    scene.world.publish("v1");
    const { program, resources } = cases[0]!;
    await wholeLife(await stackOf(program, "minimum"), resources);
  });
});
