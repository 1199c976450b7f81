// `make demo`: the main job, for real. Pulumi's CLI runs the quickstart against the sandbox; every claim of the
// account that is printed at the end was checked, else the exit code is 1.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { archiveFile } from "./archiveFile.mjs";
import { clusterOf } from "./cluster.mjs";
import { PulumiCli } from "./pulumiCli.mjs";
import { startSandbox } from "./sandboxProcess.mjs";
import { runSteps } from "./runSteps.mjs";

const root = path.resolve(import.meta.dirname, "../..");
const namespace = "shop";
const stream = "web";
const pruned = { stream: "site", pod: "site-1" };
/** The imported tag that is exported. */
const exported = "v1";

/** Each returns the text of its line; `account` collects what the reader should know at the end. */
const steps = {
  async Tools({ pulumi }) {
    const version = await pulumi.version();
    return `Node ${process.versions.node} (${origin(process.execPath)}), Pulumi ${version} (${origin(pulumi.executable)})`;
  },

  async Sandbox(demo) {
    const kubeconfig = path.join(demo.folder, "kubeconfig");
    demo.sandbox = await startSandbox(root, kubeconfig);
    demo.cluster = await clusterOf(kubeconfig, namespace);
    demo.streamsAtStart = await demo.cluster.imageStreams();
    demo.archive = archiveFile(path.join(demo.folder, "web.tar"));
    await demo.pulumi.createStack({ kubeconfig, namespace, archive: demo.archive.path });
    return `OKD API ${demo.cluster.server}, with its registries on this machine`;
  },

  async Preview(demo) {
    const { output } = await demo.pulumi.run("preview");
    demo.previewed = digestsIn(output);
    demo.plan = planIn(output);
    assert.ok(demo.previewed.size > 0, "the preview names no digest");
    assert.ok(demo.plan.images > 0, "the preview would prune nothing");
    assert.deepEqual(
      await demo.cluster.imageStreams(),
      demo.streamsAtStart,
      "the preview changed an image stream",
    );
    assert.match(output, /would write \S*web\.tar: 1 image/, "the preview would write no archive");
    assert.ok(!demo.archive.exists(), "the preview wrote the archive");
    demo.show(output);
    demo.account.push(
      "The preview named the digest of every tag, what would be pruned and what would be exported, and wrote nothing.",
    );
    return `would import ${demo.previewed.size} digests, prune ${demo.plan.images} images (${demo.plan.frees}), write 1 archive; nothing written`;
  },

  async Up(demo) {
    const imagesBefore = await demo.cluster.images();
    const inUse = await demo.cluster.runningDigest(pruned.pod);
    await demo.pulumi.run("up", "--yes");
    const { digests, lastPrune, archive } = await demo.pulumi.outputs();
    demo.tags = Object.keys(digests);
    assert.ok(demo.tags.length > 0, "no tag was imported");
    assert.deepEqual(
      await demo.cluster.digestsByTag(stream),
      digests,
      "the stream's digests are not the stack's",
    );
    const surprises = Object.values(digests).filter((digest) => !demo.previewed.has(digest));
    assert.deepEqual(surprises, [], "digests that the preview did not name");
    const left = new Set(await demo.cluster.images());
    const gone = imagesBefore.filter((digest) => !left.has(digest));
    assert.deepEqual(
      gone.sort(),
      [...lastPrune.deletedImages].sort(),
      "other images are gone than the stack says",
    );
    assert.equal(gone.length, demo.plan.images, "the preview would have pruned another number of images");
    await demo.cluster.pullManifest(pruned.stream, inUse);
    assert.deepEqual(
      { path: demo.archive.path, sha256: demo.archive.sha256(), size: demo.archive.size() },
      archive,
      "the archive is not what the stack says",
    );
    assert.equal(
      demo.archive.digestOf(digests[exported]),
      digests[exported],
      "the archive does not hold the imported image",
    );
    demo.account.push(
      `up imported ${namespace}/${stream} with the tags ${demo.tags.join(", ")}: exactly the previewed digests.`,
      `It pruned ${gone.length} of ${demo.plan.images} planned images, ${demo.plan.frees}. The old build that a pod still runs can be pulled.`,
      `It exported ${exported} to web.tar, ${archive.size} bytes, under the digest that was imported.`,
    );
    return `imported ${demo.tags.length} tags, the previewed digests; pruned ${gone.length} of ${demo.plan.images} planned; wrote web.tar`;
  },

  async "Up again"(demo) {
    const before = await demo.cluster.imageStreams();
    const imagesBefore = await demo.cluster.images();
    const fileBefore = demo.archive.version();
    await demo.sandbox.forgetRequests();
    await demo.pulumi.run("up", "--yes", "--skip-preview", "--expect-no-changes");
    const requests = await demo.sandbox.requests({ server: "api" });
    const others = requests.filter(({ method }) => method !== "GET");
    assert.deepEqual(others, [], "the second up sent requests that do not only read");
    assert.deepEqual(await demo.cluster.imageStreams(), before, "the second up changed an image stream");
    assert.deepEqual(await demo.cluster.images(), imagesBefore, "the second up changed images");
    assert.deepEqual(demo.archive.version(), fileBefore, "the second up touched the archive");
    demo.account.push(`A second up changed nothing, and sent ${requests.length} requests, all of them GET.`);
    return `nothing changed; ${requests.length} requests, all GET`;
  },

  async Upstream(demo) {
    const { edge: before } = await demo.cluster.digestsByTag(stream);
    await demo.sandbox.moveTag("acme/web", "edge", "v2");
    await demo.pulumi.configure({ trackUpstream: "follow" });
    const { output } = await demo.pulumi.run("preview", "--diff");
    await demo.pulumi.run("up", "--yes", "--skip-preview");
    const { edge: after } = await demo.cluster.digestsByTag(stream);
    assert.notEqual(after, before, "the moved tag was not followed");
    assert.ok(digestsIn(output).has(after), "the preview did not name the new digest");
    demo.account.push(
      `When edge moved in its registry, a preview with trackUpstream: "follow" named the new digest, and up imported it.`,
    );
    return `edge moved in its registry: ${short(before)} -> ${short(after)} previewed and imported`;
  },

  async Destroy(demo) {
    const { [stream]: _, ...others } = await demo.cluster.imageStreams();
    const images = await demo.cluster.images();
    await demo.pulumi.run("destroy", "--yes", "--skip-preview");
    assert.deepEqual(await demo.cluster.imageStreams(), others, "destroy did more than remove the stream");
    assert.deepEqual(await demo.cluster.images(), images, "destroy pruned images");
    assert.ok(!demo.archive.exists(), "destroy left the archive");
    demo.account.push(
      "destroy removed the stream and the archive that up had made, and pruned nothing more.",
    );
    return `removed ${demo.tags.length} tags, their stream and web.tar; pruned nothing more`;
  },
};

const tryItYourself = `
Try it yourself:
  npm run sandbox                    in one terminal (make shell brings the right Node)
  make shell                         in another, for the lines below
  export PULUMI_BACKEND_URL=file://$PWD/.demo PULUMI_CONFIG_PASSPHRASE=demo
  pulumi stack init try
  pulumi preview --diff
`;

function short(digest) {
  return `${digest.slice("sha256:".length).slice(0, 8)}…`;
}

function digestsIn(text) {
  return new Set(text.match(/sha256:[0-9a-f]{64}/g));
}

/** Of the line `would prune 4 images, 4 revisions in 1 stream, frees 2 MB; …`. */
function planIn(output) {
  const [, images = "0", frees = ""] = /would prune ([\d,]+) images?, .*? frees ([^;\n]+)/.exec(output) ?? [];
  return { images: Number(images.replaceAll(",", "")), frees };
}

function origin(executable) {
  const inTools = executable.startsWith(path.join(root, ".tools") + path.sep);
  return inTools ? ".tools" : path.dirname(executable);
}

await mkdir(path.join(root, ".demo"), { recursive: true });
const folder = await mkdtemp(path.join(root, ".demo", "run-"));
const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => interruption.abort());
const demo = { folder, pulumi: new PulumiCli(root, folder, interruption.signal), account: [] };
try {
  await runSteps(steps, demo, interruption.signal);
  console.log(`\nWhat happened\n${demo.account.map((line) => `  ${line}`).join("\n")}\n${tryItYourself}`);
} catch (error) {
  console.error(interruption.signal.aborted ? "\nInterrupted." : `\n${error.message}`);
  process.exitCode = 1;
} finally {
  await demo.sandbox?.stop();
  await rm(folder, { recursive: true, force: true });
}
