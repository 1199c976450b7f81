import assert from "node:assert/strict";
import { argumentsOfInterface, argumentsOfSchema } from "../support/documented/acceptedArguments.js";
import { type ArgumentRows, runRow } from "../support/documented/argumentRow.js";
import { documentedArguments, type ResourceName } from "../support/documented/tables.js";
import { ArchiveScene } from "../support/worlds/arguments/archive.js";
import { PolicyScene } from "../support/worlds/arguments/policy.js";
import { StreamScene } from "../support/worlds/arguments/stream.js";
import { archiveRows } from "./rows/archive.js";
import { policyRows } from "./rows/policy.js";
import { repositoryRows } from "./rows/repository.js";
import { streamRows } from "./rows/stream.js";

describe("documented arguments", () => {
  let streams: StreamScene;
  let policies: PolicyScene;
  let archives: ArchiveScene;
  const rows: Readonly<Record<ResourceName, ArgumentRows>> = {
    ImportedImageStream: { ...streamRows(() => streams), ...repositoryRows(() => streams) },
    ImagePrunePolicy: policyRows(() => policies),
    ImageArchive: archiveRows(() => archives),
  };
  const environment = { ...process.env };
  const documented = (resource: ResourceName) => documentedArguments(resource).map(({ path }) => path);
  let run = 0;

  before(async () => {
    [streams, policies, archives] = await Promise.all([
      StreamScene.start(),
      PolicyScene.start(),
      ArchiveScene.start(),
    ]);
    Object.assign(process.env, archives.environment());
  });
  after(async () => {
    process.env = environment;
    await Promise.all([streams.sandbox.close(), policies.close(), archives.close()]);
    const all = Object.keys(rows).flatMap((resource) => documented(resource as ResourceName));
    console.info(`    arguments: ${run} of ${all.length}`);
  });

  for (const [resource, own] of Object.entries(rows) as [ResourceName, ArgumentRows][]) {
    it(`${resource}: every documented argument has a run, and every run is documented`, () => {
      assert.deepEqual(Object.keys(own).toSorted(), documented(resource).toSorted());
    });

    it(`${resource}: the tables have what the hooks accept, and nothing else`, () => {
      assert.deepEqual(argumentsOfSchema(resource), documented(resource).toSorted());
    });

    it(`${resource}: the tables have what the interfaces declare, and nothing else`, function () {
      this.timeout(120_000);
      assert.deepEqual(argumentsOfInterface(resource), documented(resource).toSorted());
    });

    for (const [path, argument] of Object.entries(own)) {
      it(`${resource}: ${path} changes what can be observed`, async () => {
        await runRow(argument);
        run += 1;
      });
    }
  }
});
