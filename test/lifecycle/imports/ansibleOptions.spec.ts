import assert from "node:assert/strict";
import { pageAt } from "../../support/documented/pages.js";
import { evaluated, programRows } from "../../support/documented/programLines.js";
import { type ImportWorld, startImportWorld } from "../../support/worlds/imports.js";
import { digestIn, resolved } from "../../support/worlds/webStream.js";

/** What a row's line has done. */
interface Outcome {
  readonly world: ImportWorld;
  readonly args: object;
  readonly resource: ReturnType<ImportWorld["pulumi"]>;
  /** Of the content of `quay.io/acme/web:v1`, `:latest` and `quay.io/acme/a:v1`, `b:v1`. */
  readonly digest: string;
}

type Run = (outcome: Outcome) => Promise<void> | void;

const tagOf = ({ world }: Outcome, tag = "v1") => world.stream()?.spec.tags?.find(({ name }) => name === tag);

/** Rows of which the line is applied, and what there is to see afterwards. */
const applied: Readonly<Record<string, Run>> = {
  "`namespace`": ({ world }) => assert.equal(world.stream()?.metadata.namespace, "shop"),
  "`name: web` and `source`": ({ world, digest }) => assert.equal(world.served("latest"), digest),
  "`name: web:v1` and `source`": ({ world, digest }) => assert.equal(world.served("v1"), digest),
  "`name: other:v1`": ({ world, digest }) => {
    assert.equal(world.served("v1", "other"), digest);
    assert.equal(world.stream(), undefined);
  },
  "`source`": (outcome) => {
    assert.equal(tagOf(outcome)?.from?.name, "quay.io/acme/web:v1");
    assert.equal(outcome.world.served("v1"), outcome.digest);
  },
  "`reference_policy: local`": (outcome) => assert.equal(tagOf(outcome)?.referencePolicy?.type, "Local"),
  "`reference_policy: source`": (outcome) => assert.equal(tagOf(outcome)?.referencePolicy?.type, "Source"),
  "`scheduled: true`": async (outcome) => {
    assert.equal(tagOf(outcome)?.importPolicy?.scheduled, true);
    await outcome.resource.up({ ...outcome.args, scheduled: false });
    assert.notEqual(tagOf(outcome)?.importPolicy?.scheduled, true);
  },
  "`validate_registry_certs: false`": (outcome) => assert.equal(tagOf(outcome)?.importPolicy?.insecure, true),
  "`validate_registry_certs: true`": (outcome) =>
    assert.notEqual(tagOf(outcome)?.importPolicy?.insecure, true),
  "`all: true` and `source`": ({ world, digest }) => {
    assert.deepEqual([world.served("v1"), world.served("latest")], [digest, digest]);
    assert.equal(world.stream()?.spec.tags?.length, 2);
  },
  "the task run twice": async ({ world, resource, args }) => {
    const [before, writes] = [world.stream(), world.writes().length];
    const { step } = await resource.up(args);
    assert.equal(step, "same");
    assert.deepEqual(world.stream(), before);
    assert.equal(world.writes().length, writes);
  },
  "returned `result`": ({ resource, digest }) => {
    const { pullSpec, platforms } = resolved(resource.state!.outputs, "v1");
    assert.equal(digestIn(resource.state, "v1"), digest);
    assert.equal(pullSpec, `quay.io/acme/web@${digest}`);
    assert.notEqual(platforms, undefined);
  },
};

/** Rows of which the line does something else than to be applied. */
const others: Readonly<Record<string, (line: string, world: ImportWorld, digest: string) => Promise<void>>> =
  {
    "`name: [a, b]`": async (line, world, digest) => {
      const declared: { readonly name: string; readonly args: object }[] = [];
      const ImportedImageStream = function (name: string, args: object) {
        declared.push({ name, args });
      };
      evaluated(line, { okd: { ImportedImageStream } });
      assert.deepEqual(
        declared.map(({ name }) => name),
        ["a", "b"],
      );
      for (const { name, args } of declared) {
        await world.pulumi(name).up(argsWith(args, world));
        assert.equal(world.served("v1", name), digest);
      }
    },
    "no `source`": (line, world) => importAgain(line, world, ["v1"]),
    "`all: true` without `source`": (line, world) => importAgain(line, world, ["v1", "latest"]),
    "check mode": async (line, world, digest) => {
      const preview = await world.pulumi().preview(argsOf(line, world));
      assert.deepEqual([preview.step, preview.failures], ["create", []]);
      assert.equal(resolved(preview.inputs, "v1").digest, digest);
      assert.equal(world.stream(), undefined);
    },
    "a failed import": async (line, world) => {
      const { failures } = await world.pulumi().preview(argsOf(line, world));
      assert.match(failures.join(), /quay\.io\/acme\/missing/);
      await assert.rejects(world.pulumi().up(argsOf(line, world)), /quay\.io\/acme\/missing/);
      assert.equal(world.served("v1"), undefined);
    },
  };

const linked = ["`host`, `api_key` and the other options of the connection"];

describe("the options of Ansible's openshift_import_image in docs/from/ansible.md", () => {
  const rows = programRows(pageAt("docs/from/ansible.md"), "openshift_import_image");
  let world: ImportWorld;
  let digest: string;
  beforeEach(async () => {
    world = await startImportWorld();
    digest = world.publish("v1", "content");
    world.publish("latest", "content");
    for (const repository of ["acme/a", "acme/b"]) world.publish("v1", "content", repository);
  });
  afterEach(() => world.sandbox.close());

  it("have a run for every row", () => {
    assert.deepEqual(
      rows.map(({ option }) => option).toSorted(),
      [...Object.keys(applied), ...Object.keys(others), ...linked].toSorted(),
    );
  });

  for (const { option, line } of rows) {
    if (linked.includes(option)) continue;
    it(`${option} is ${line}`, async () => {
      const other = others[option];
      if (other !== undefined) {
        await other(line, world, digest);
        return;
      }
      const args = argsOf(line, world);
      const resource = world.pulumi();
      await resource.up(args);
      await (applied[option] as Run)({ world, args, resource, digest });
    });
  }
});

/** Of two tags that somebody else has imported and that are newer upstream, these. */
async function importAgain(line: string, world: ImportWorld, tags: readonly string[]): Promise<void> {
  const all = ["v1", "latest"];
  for (const tag of all) await world.seedTag(tag, `quay.io/acme/web:${tag}`);
  const old = all.map((tag) => world.served(tag));
  const newer = all.map((tag) => world.publish(tag, `newer ${tag}`));

  const resource = world.pulumi();
  await resource.up(argsOf(line, world));
  assert.deepEqual(
    all.map((tag) => world.served(tag)),
    all.map((tag, index) => (tags.includes(tag) ? newer[index] : old[index])),
  );

  const newest = world.publish("v1", "newest");
  await resource.up(argsOf(line, world));
  assert.notEqual(world.served("v1"), newest);
  await resource.up({ ...argsOf(line, world), triggers: [1] });
  assert.equal(world.served("v1"), newest);
}

function argsOf(line: string, world: ImportWorld): object {
  return argsWith(JSON.parse(JSON.stringify(evaluated(line, {}))) as object, world);
}

/** Where the line names a namespace, the connection names another one. */
function argsWith(given: object, { connection }: ImportWorld): object {
  return { connection: { ...connection, namespace: "namespace" in given ? "elsewhere" : "shop" }, ...given };
}
