import assert from "node:assert/strict";
import type { ImageStream, KubeObject, SandboxOptions } from "okd-image-sandbox";
import { type ApiAnswer, type KubeApi, openKubeApi } from "../../../test/support/clients/kubeApi.js";
import { TagRecordings, tagsOf } from "../../../test/support/recordings/tagExchanges.js";
import { importBody, type OpenSandbox, withSandbox } from "../client.js";

const streams = "imagestreams.image.openshift.io";
const versions = ["v1", "v2", "v3"] as const;

/** A sandbox that holds the images of the recordings, and in which recorded requests are sent again. */
export class RecordedStreams {
  readonly #open: OpenSandbox;
  readonly #alice: KubeApi;
  readonly recordings: TagRecordings;

  constructor(open: OpenSandbox, alice: KubeApi, recordings: TagRecordings) {
    this.#open = open;
    this.#alice = alice;
    this.recordings = recordings;
  }

  get sandbox() {
    return this.#open.sandbox;
  }

  get admin(): KubeApi {
    return this.#open.admin;
  }

  /** Streams as they were when a request was recorded; only these exist afterwards. */
  seed(...given: readonly ImageStream[]): void {
    for (const namespace of ["tk1", "tk2"])
      for (const name of ["anno2", "base", "chain", "cross", "full", "meta", "miss", "dir"])
        if (this.sandbox.stored(streams, name, namespace) !== undefined)
          this.sandbox.remove({ ...streamType, metadata: { name, namespace } });
    for (const stream of given) this.sandbox.seed({ ...stream, ...streamType });
  }

  /** Sends a recorded request; one that names a version of a stream names the version that is stored here. */
  async send(name: string): Promise<ApiAnswer> {
    const { request } = this.recordings.exchange(name);
    const { method, path, body } = request;
    const api = request.user === "alice" ? this.#alice : this.admin;
    if (method === "GET") return api.get(path);
    if (method === "DELETE") return api.delete(path, this.#preconditions(path, body ?? undefined));
    if (method === "POST") return api.post(path, body);
    const { namespace, name: stream } = body?.metadata ?? { name: "" };
    const stored = this.sandbox.stored(streams, stream, namespace)?.metadata ?? {};
    const { resourceVersion, uid } = stored as KubeObject["metadata"];
    const isStream = body?.kind === "ImageStream";
    return api.put(path, isStream ? { ...body, metadata: { ...body.metadata, resourceVersion, uid } } : body);
  }

  #preconditions(path: string, body: KubeObject | undefined): unknown {
    if (body === undefined) return undefined;
    const [, namespace = "", name = ""] = /namespaces\/([^/]+)\/imagestreams\/([^/?]+)/.exec(path) ?? [];
    return { ...body, preconditions: { uid: this.stored(name, namespace)?.metadata.uid } };
  }

  stored(name: string, namespace = "tk1"): ImageStream | undefined {
    return this.sandbox.stored(streams, name, namespace) as ImageStream | undefined;
  }

  async import(stream: string, tag: string, version: (typeof versions)[number]): Promise<ImageStream> {
    const from = `${this.sandbox.registry().host}/demo/app:${version}`;
    const path = "/apis/image.openshift.io/v1/namespaces/tk1/imagestreamimports";
    const answer = await this.admin.post(path, importBody(stream, { [tag]: from }));
    assert.equal(answer.status, 201, answer.text);
    return answer.imported.status.import;
  }

  /** Sends a recorded request and compares the answer, and the stream afterwards where it was recorded. */
  async replay(name: string, after: "after" | "noAfter" = "after"): Promise<void> {
    const answer = await this.send(name);
    const recorded = this.recordings.exchange(name);
    assert.equal(answer.status, recorded.status, answer.text);
    if (recorded.body.kind === "ImageStream")
      assert.deepEqual(tagsOf(answer.stream), tagsOf(recorded.body as ImageStream));
    if (recorded.body.kind === "Status" && recorded.status >= 400)
      assert.deepEqual(answer.json, recorded.body);
    if (after === "noAfter") return;
    const expected = this.recordings.stream(`${name}.after`);
    const { name: stream, namespace } = expected.metadata;
    this.assertStored(stream, namespace, expected);
  }

  assertStored(name: string, namespace: string | undefined, expected: ImageStream): void {
    const stored = this.stored(name, namespace);
    assert.ok(stored !== undefined, `${namespace ?? ""}/${name} is not stored`);
    assert.deepEqual(tagsOf(stored), tagsOf(expected));
  }
}

const streamType = { apiVersion: "image.openshift.io/v1", kind: "ImageStream" };

/** The images exist in the cluster, as they did; alice may do everything in tk2, and nothing in tk1. */
export function withRecordedStreams(options: SandboxOptions = {}): () => RecordedStreams {
  const open = withSandbox(() => ({ namespaces: ["shop", "tk1", "tk2"], ...options }));
  let recorded: RecordedStreams | undefined;
  let alice: KubeApi | undefined;
  before(async () => {
    const { sandbox, admin } = open();
    const registry = sandbox.registry();
    const digests = Object.fromEntries(
      versions.map((tag) => {
        const content = { content: tag, cmd: ["/x"], env: ["A=b"] };
        return [tag, registry.publishImage("demo/app", tag, content).digest];
      }),
    ) as Record<(typeof versions)[number], string>;
    const sources = Object.fromEntries(versions.map((tag) => [tag, `${registry.host}/demo/app:${tag}`]));
    const path = "/apis/image.openshift.io/v1/namespaces/shop/imagestreamimports";
    const known = await admin.post(path, importBody("known", sources));
    assert.equal(known.status, 201, known.text);
    const { url: server, certificateAuthority, users } = sandbox;
    alice = openKubeApi({ server, certificateAuthority, token: users[0]?.token });
    sandbox.grant("alice", { verbs: ["*"], namespaces: ["tk2"] });
    recorded = new RecordedStreams(open(), alice, new TagRecordings(registry.host, digests));
  });
  after(async () => {
    await alice?.close();
  });
  return () => {
    assert.ok(recorded !== undefined);
    return recorded;
  };
}
