import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { documentedFeatures, featurePage } from "../../support/cli/featureTable.js";
import { featuresIn } from "../../support/cli/scenario.js";
import { repositoryRoot } from "../../support/repositoryRoot.js";

const run = promisify(execFile);

interface DryRun {
  readonly tests: readonly { readonly title: string }[];
}

/** Titles of all tests beside this file, without running them. */
async function titles(): Promise<readonly string[]> {
  const files = readdirSync(__dirname)
    .filter((name) => name.endsWith(".spec.js"))
    .map((name) => join(__dirname, name))
    .filter((file) => file !== __filename);
  const mocha = join(repositoryRoot, "node_modules", "mocha", "bin", "mocha.js");
  const { stdout } = await run(
    process.execPath,
    [mocha, "--no-config", "--dry-run", "--reporter=json", ...files],
    { maxBuffer: 16 * 1024 * 1024 },
  );
  return (JSON.parse(stdout) as DryRun).tests.map(({ title }) => title);
}

describe("Table of Pulumi's features", function () {
  this.timeout(60_000);
  const documented = documentedFeatures();

  it(`has ${documented.length} rows, each with a scenario under the Pulumi CLI, and no scenario is without a row`, async () => {
    const tried = (await titles()).map((title) => ({ title, features: featuresIn(title) }));
    const covered = new Set(tried.flatMap(({ features }) => features));

    assert.ok(documented.length > 0, `${featurePage} has no rows`);
    assert.deepEqual(
      documented.filter((feature, index) => documented.indexOf(feature) !== index),
      [],
      "rows that stand twice",
    );
    assert.deepEqual(
      documented.filter((feature) => !covered.has(feature)),
      [],
      "rows without a scenario",
    );
    assert.deepEqual(
      [...covered].filter((feature) => !documented.includes(feature)),
      [],
      "scenarios without a row",
    );
    assert.deepEqual(
      tried.filter(({ features }) => features.length === 0).map(({ title }) => title),
      [],
      "tests that name no row",
    );
  });
});
