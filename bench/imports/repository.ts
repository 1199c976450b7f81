/**
 * 1,000 tags of one repository into one stream, check and create, on a server that throttles as the real one does, from
 * registries that answer every request after 5 and after 20 ms: `repository` against what `oc import-image --all` sends, one
 * request that brings 50 of them, and against one import a tag in sequence.
 */
import { type Sandbox, startSandbox } from "okd-image-sandbox";
import { createConnector } from "../../provider/cluster/connection/open.js";
import { processMachine } from "../../provider/http/machine.js";
import { createImportHandler } from "../../provider/imports/handler.js";
import { FakePulumi } from "../../test/support/fakes/pulumi.js";
import { importClusters } from "../../test/support/worlds/imports.js";
import { printComparison, timed } from "../report.js";

const tags = Array.from({ length: 1_000 }, (_, minor) => `1.${minor}`);
const registryLatenciesMs = [5, 20];
const namespace = "shop";
const image = "quay.io/acme/web";

type Work = (sandbox: Sandbox) => Promise<void>;

async function measure(work: Work, latencyMs: number): Promise<readonly number[]> {
  const sandbox = await startSandbox({
    namespaces: [namespace],
    plainHttp: true,
    registries: { open: { protocol: "both" } },
    registryHosts: { "quay.io": "open" },
  });
  for (const tag of tags) sandbox.registry().publishImage("acme/web", tag, { content: tag });
  sandbox.faults.add({ server: "open", times: 0, effect: { kind: "delay", milliseconds: latencyMs } });
  try {
    return [await timed(() => work(sandbox))];
  } finally {
    await sandbox.close();
  }
}

function connectionOf(sandbox: Sandbox): Readonly<Record<string, string>> {
  return { host: sandbox.url, token: sandbox.adminToken, caCert: sandbox.certificateAuthority };
}

async function ours(sandbox: Sandbox): Promise<void> {
  const pulumi = new FakePulumi(() => createImportHandler({ newClaim: () => "web" }), importClusters, "web");
  const repository = { image };
  await pulumi.up({ connection: connectionOf(sandbox), namespace, name: "web", repository });
  const imported = Object.keys((pulumi.state?.outputs.resolved ?? {}) as object).length;
  if (imported !== tags.length) throw new Error(`${imported} tags were imported`);
}

async function ocImportAll(sandbox: Sandbox): Promise<void> {
  const answer = await fetch(
    `${sandbox.httpUrl}/apis/image.openshift.io/v1/namespaces/${namespace}/imagestreamimports?timeout=60s`,
    {
      method: "POST",
      headers: { authorization: `Bearer ${sandbox.adminToken}`, "content-type": "application/json" },
      body: JSON.stringify({
        kind: "ImageStreamImport",
        apiVersion: "image.openshift.io/v1",
        metadata: { name: "web", namespace },
        spec: { import: true, repository: { from: { kind: "DockerImage", name: image }, importPolicy: {} } },
      }),
    },
  );
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
}

async function oneByOne(sandbox: Sandbox): Promise<void> {
  const connect = createConnector(processMachine);
  const { signal } = new AbortController();
  const { streams } = await connect({ inputs: connectionOf(sandbox), config: () => undefined }, { signal });
  for (const tag of tags) {
    const spec = {
      from: { kind: "DockerImage", name: `${image}:${tag}` },
      to: { name: tag },
      importPolicy: {},
    };
    await streams.importImages({ namespace, name: "web" }, [spec], { store: true, signal });
  }
}

async function main(): Promise<void> {
  for (const latency of registryLatenciesMs) {
    const own = await measure(ours, latency);
    const what = `1,000 tags of a repository, check and create, registry at ${latency} ms`;
    printComparison({
      what,
      ours: own,
      peer: await measure(ocImportAll, latency),
      peerName: "oc import-image --all, which brings 50",
    });
    printComparison({
      what,
      ours: own,
      peer: await measure(oneByOne, latency),
      peerName: "one import a tag in sequence",
    });
  }
}

void main();
