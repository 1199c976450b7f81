import assert from "node:assert/strict";
import { formatIssue } from "../../../../provider/lifecycle/check.js";
import type { PruneArgs } from "../../../../provider/prune/args/parsed.js";
import { parseArgs } from "../../../../provider/prune/args/schema.js";

function argsOf(inputs: object): PruneArgs {
  const parsed = parseArgs(inputs);
  if (!parsed.ok) assert.fail(parsed.issues.map(formatIssue).join("\n"));
  return parsed.args;
}

function issuesOf(inputs: object): readonly string[] {
  const parsed = parseArgs(inputs);
  return parsed.ok ? [] : parsed.issues.map(formatIssue);
}

describe("arguments of ImagePrunePolicy", () => {
  it("have oc's defaults, and guards", () => {
    const { policy, limits, mode, workers } = argsOf({});

    assert.equal(mode, "prune");
    assert.equal(workers, 5);
    assert.deepEqual(limits, { images: undefined, revisions: undefined, bytes: undefined, fraction: 0.5 });
    assert.ok(policy.rules === "safe");
    assert.deepEqual(policy.retention, {
      kind: "revisions",
      keepYoungerThanSeconds: 3600,
      keepTagRevisions: 3,
    });
    assert.equal(policy.keepUnreferencedYoungerThanSeconds, 24 * 3600);
    assert.equal(policy.allImages, true);
    assert.equal(policy.pruneRegistry, true);
    assert.equal(policy.invalidRefs, "fail");
  });

  it("accept ages as durations and, like the Ansible module, as minutes", () => {
    const secondsOf = (keepYoungerThan: string | number) =>
      argsOf({ keepYoungerThan }).policy.retention.keepYoungerThanSeconds;

    assert.equal(secondsOf("30d"), 30 * 86_400);
    assert.equal(secondsOf(90), 90 * 60);
    assert.equal(secondsOf("90s"), 90);
  });

  it("accept sizes as texts and as bytes", () => {
    assert.equal(argsOf({ limits: { bytes: "50GiB" } }).limits.bytes, 50 * 1024 ** 3);
    assert.equal(argsOf({ limits: { bytes: "1.5 GB" } }).limits.bytes, 1.5e9);
    assert.equal(argsOf({ limits: { bytes: 12 } }).limits.bytes, 12);
  });

  it("name the argument of today where a program uses an earlier name", () => {
    assert.deepEqual(issuesOf({ limits: { items: 20, image: 5 } }), [
      "limits.items: is called limits.revisions now",
      'limits.image: is not an argument of this resource; did you mean "images"?',
    ]);
  });

  it("parse the registry's address", () => {
    const { registry } = argsOf({ registry: { url: "HTTPS://Registry.example.com:5000/" } });
    assert.deepEqual(registry.url, { host: "registry.example.com:5000", scheme: "https" });
    assert.equal(argsOf({}).registry.url, undefined);
  });

  it("have no guards of their own under oc's rules", () => {
    const { policy, limits } = argsOf({ rules: "oc", invalidRefs: "ignore", pruneOverSizeLimit: true });

    assert.ok(policy.rules === "oc");
    assert.equal(policy.ignoreInvalidRefs, true);
    assert.equal(policy.retention.kind, "over-size-limit");
    assert.equal(limits.fraction, undefined);
  });

  it("report every mistake with its path", () => {
    const issues = issuesOf({
      keepYoungerThan: "soon",
      keepTagRevisions: -1,
      limits: { bytes: "a lot", fraction: 2 },
      select: { streams: ["web"] },
      keep: { digests: ["sha256:1"] },
      approvedFingerprint: "abc",
      force: ["everything"],
      asOf: "yesterday",
      registry: { url: "https://registry/path" },
      planReport: "plan.txt",
      approvedPlan: "plan.md",
      dryRun: true,
    });

    assert.deepEqual([...issues].sort(), [
      "approvedFingerprint: is not a digest (sha256: and 64 hex digits)",
      "approvedPlan: must be a plan report in JSON (.json)",
      "asOf: is not an instant like 2026-11-21T08:00:00Z",
      "dryRun: is not an argument of this resource",
      'force[0]: must be one of "noPods", "noStreams", "zeroRevisions", "clusterUpgrading", "registryDegraded", "imagePrunerRunning", not "everything"',
      "keep.digests[0]: is not a digest (sha256: and 64 hex digits)",
      "keepTagRevisions: is not a whole number of 0 or more",
      'keepYoungerThan: is not a duration ("60m", "720h", "30d", or a number of minutes)',
      'limits.bytes: is not a size ("500MB", "50GiB", or a number of bytes)',
      "limits.fraction: is not a number from 0 to 1",
      "planReport: must end in .json, .md or .html",
      "registry.url: must not have a path; write [http(s)://]host[:port]",
      'select.streams[0]: is not "namespace/name" (globs are allowed in both)',
    ]);
  });

  for (const { name, inputs, issue } of [
    {
      name: "an extended glob",
      inputs: { keep: { tags: ["v*", "+(a|b)"] } },
      issue:
        'keep.tags[1]: "+(a|b)" is a glob with a +, which is not supported: it may have * ? [a-z] [^a-z] {a,b} and, in front, ! for all others',
    },
    {
      name: "an extended glob of resources",
      inputs: { skipKinds: ["@(a|b).example.io"] },
      issue:
        'skipKinds[0]: "@(a|b).example.io" is a glob with a (, which is not supported: it may have * ? [a-z] [^a-z] {a,b} and, in front, ! for all others',
    },
    {
      name: "an empty name of a resource",
      inputs: { allowUnreadable: ["builds", ""] },
      issue: 'allowUnreadable[1]: "" is empty',
    },
    {
      name: "an empty glob",
      inputs: { select: { namespaces: [""] } },
      issue: 'select.namespaces[0]: "" is empty',
    },
    {
      name: "a glob for all other names beside others",
      inputs: { select: { tags: ["pr-*", "!pr-1"] } },
      issue:
        'select.tags[1]: "!pr-1" begins with !, which stands for all other names; one glob of a list suffices, so it must be the only one',
    },
    {
      name: "select under oc's rules",
      inputs: { rules: "oc", select: { namespaces: ["ci"] } },
      issue: 'select: needs rules: "safe", the default',
    },
    {
      name: "wildcards under oc's rules",
      inputs: { rules: "oc", invalidRefs: "wildcard" },
      issue: 'invalidRefs: "wildcard" needs rules: "safe", the default',
    },
    {
      name: "revisions together with sizes",
      inputs: { pruneOverSizeLimit: true, keepTagRevisions: 3 },
      issue: "keepTagRevisions: cannot be combined with pruneOverSizeLimit: true, which goes by size",
    },
    {
      name: "ages together with sizes under oc's rules",
      inputs: { rules: "oc", pruneOverSizeLimit: true, keepYoungerThan: "1h" },
      issue: "keepYoungerThan: cannot be combined with pruneOverSizeLimit: true, which goes by size",
    },
    {
      name: "a registry at a port that is none",
      inputs: { registry: { url: "registry:0" } },
      issue: 'registry.url: "registry:0" is not a host; write [http(s)://]host[:port]',
    },
    {
      name: "a registry's address with a password, which it does not repeat",
      inputs: { registry: { url: "https://ann:s3cret@registry" } },
      issue: "registry.url: must not contain user and password; write [http(s)://]host[:port]",
    },
    {
      name: "a registry that is not pruned",
      inputs: { pruneRegistry: false, registry: { url: "registry:5000" } },
      issue: "registry: has no effect with pruneRegistry: false",
    },
  ]) {
    it(`refuse ${name}`, () => assert.deepEqual(issuesOf(inputs), [issue]));
  }

  it("accept an age guard beside sizes under the safe rules", () => {
    const { retention } = argsOf({ pruneOverSizeLimit: true, keepYoungerThan: "2h" }).policy;

    assert.deepEqual(retention, { kind: "over-size-limit", keepYoungerThanSeconds: 7200 });
  });
});
