import assert from "node:assert/strict";
import type { KubeObject, Sandbox, SandboxOptions } from "okd-image-sandbox";
import { type Respond, startServer, type TestServer } from "../servers/scripted.js";
import { assertNoSecret } from "../servers/twoHosts.js";
import { type ArchiveWorld, startArchiveWorld } from "./archive.js";
import { planIn, type PruneWorld, startPruneWorld } from "./prune.js";

/** A name that does not resolve, as those of a cluster's network from outside. */
export const nowhere = "registry.invalid";
const digest = `sha256:${"b".repeat(64)}`;
const apiVersion = "image.openshift.io/v1";
const created = "2024-01-01T00:00:00Z";

/**
 * What a project editor may do: an ImageStreamMapping makes a managed Image, the newest of all, that says whatever its author
 * likes, and the stream lists it.
 */
export async function mapForeignImage(sandbox: Sandbox, host: string): Promise<void> {
  const editor = `editor-${host}`;
  const token = sandbox.addToken(editor);
  const resources = ["imagestreams", "imagestreammappings"];
  const rule = { verbs: ["create"], apiGroups: ["image.openshift.io"], resources, namespaces: ["shop"] };
  sandbox.grant(editor, rule);
  const post = async (resource: string, body: object) => {
    const answer = await fetch(`${sandbox.httpUrl}/apis/${apiVersion}/namespaces/shop/${resource}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ apiVersion, ...body }),
    });
    assert.equal(answer.status, 201, await answer.text());
  };
  const metadata = { name: "trap" };
  await post("imagestreams", { kind: "ImageStream", metadata });
  await post("imagestreammappings", {
    kind: "ImageStreamMapping",
    metadata,
    tag: "v1",
    image: {
      metadata: { name: digest, annotations: { "openshift.io/image.managed": "true" } },
      dockerImageReference: `${host}/shop/trap@${digest}`,
      dockerImageMetadata: { Id: digest, Size: 1 },
      dockerImageManifestMediaType: "application/vnd.oci.image.manifest.v1+json",
    },
  });
}

/** An old Image that no stream lists. */
const forgotten: KubeObject = {
  apiVersion,
  kind: "Image",
  metadata: {
    name: `sha256:${"c".repeat(64)}`,
    creationTimestamp: created,
    annotations: { "openshift.io/image.managed": "true" },
  },
  dockerImageReference: `${nowhere}/shop/old@sha256:${"c".repeat(64)}`,
  dockerImageLayers: [{ name: `sha256:${"d".repeat(64)}`, size: 1, mediaType: "x" }],
  dockerImageMetadata: { Id: `sha256:${"e".repeat(64)}`, Size: 1 },
  dockerImageManifestMediaType: "application/vnd.oci.image.manifest.v1+json",
};

/** A stream of another registry's repository, which its status answers where the cluster's own registry is removed. */
export function upstream(host: string): KubeObject {
  const repository = `${host}/acme/web`;
  const tags = [{ name: "v1", from: { kind: "DockerImage", name: `${repository}:v1` } }];
  return streamWith("web", { dockerImageRepository: repository, tags }, `${repository}@${digest}`);
}

function streamWith(name: string, spec: object, dockerImageReference: string): KubeObject {
  const item = { created, dockerImageReference, image: digest, generation: 1 };
  return {
    apiVersion,
    kind: "ImageStream",
    metadata: { name, namespace: "shop" },
    spec,
    status: { tags: [{ tag: "v1", items: [item] }] },
  };
}

export function routeTo(host: string): KubeObject {
  return {
    apiVersion: "route.openshift.io/v1",
    kind: "Route",
    metadata: { name: "corp", namespace: "openshift-image-registry" },
    spec: { host, to: { kind: "Service", name: "image-registry" } },
  };
}

export function hostOf({ url }: TestServer): string {
  return new URL(url).host;
}

/** Clusters whose policies and archives are run, and servers that are not theirs. */
export class HostileScene {
  #prune: PruneWorld | undefined;
  #archive: ArchiveWorld | undefined;
  readonly #servers: TestServer[] = [];

  get prune(): PruneWorld {
    assert.ok(this.#prune !== undefined);
    return this.#prune;
  }

  get archive(): ArchiveWorld {
    assert.ok(this.#archive !== undefined);
    return this.#archive;
  }

  async serve(respond: Respond, tls?: object): Promise<TestServer> {
    const server = await startServer(respond, tls);
    this.#servers.push(server);
    return server;
  }

  /** With something to prune, unless its registry is removed. */
  async openPrune(options: SandboxOptions): Promise<Sandbox> {
    const world = (this.#prune = await startPruneWorld(options));
    if (options.registryRemoved === true) world.sandbox.seed(forgotten);
    else for (const days of [90, 80, 70]) world.push("shop/web:v1", `web ${days}`, days);
    return world.sandbox;
  }

  /** What a preview and an `up` of a policy say, with the failure. */
  async prunes(more: object = {}): Promise<string> {
    const pulumi = this.prune.pulumi();
    const common = { keepTagRevisions: 1, limits: { fraction: 1 }, force: ["noPods", "noStreams"] };
    const args = { connection: this.prune.connection, ...common, ...more };
    await pulumi.preview(args);
    const failure = await pulumi.up(args).then(String, String);
    const found = pulumi.state === undefined ? "" : JSON.stringify(planIn(pulumi.state.inputs).coverage);
    return [...pulumi.lines, failure, found].join("\n");
  }

  /** With a pushed image `shop/web:v1`, unless its registry is removed. */
  async openArchive(options: SandboxOptions): Promise<Sandbox> {
    const { sandbox } = (this.#archive = await startArchiveWorld({ sandbox: options }));
    const image = { namespace: "shop", name: "web", tag: "v1", image: { layers: ["a"] } };
    if (options.registryRemoved !== true) sandbox.integratedRegistry.push(image);
    return sandbox;
  }

  /** What an `up` of an archive of `shop/web:v1` ends with. */
  async archives(more: object = {}): Promise<string> {
    const images = [{ stream: "shop/web:v1" }];
    const args = { connection: this.archive.connection, path: "web.tar", images, ...more };
    return await this.archive.pulumi().up(args).then(String, String);
  }

  assertUntold(...hosts: readonly TestServer[]): void {
    const tokens = [this.#prune, this.#archive].flatMap((world) => world?.sandbox.adminToken ?? []);
    assert.ok(tokens.length > 0);
    for (const { seen } of hosts) assertNoSecret(seen, ...tokens);
  }

  async close(): Promise<void> {
    await this.#prune?.close();
    await this.#archive?.close();
    for (const server of this.#servers) await server.close();
  }
}
