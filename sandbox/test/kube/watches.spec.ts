import assert from "node:assert/strict";
import type { KubeObject } from "okd-image-sandbox";
import type { ApiAnswer } from "../../../test/support/clients/kubeApi.js";
import { withSandbox } from "../client.js";

const pods = "/api/v1/namespaces/shop/pods";

interface Event {
  readonly type: string;
  readonly object: KubeObject;
}

function pod(name: string, more: object = {}, namespace = "shop") {
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace, ...more }, status: {} };
}

function eventsOf({ text }: ApiAnswer): readonly (readonly [string, string])[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Event)
    .map(({ type, object }) => [type, object.metadata.name] as const);
}

describe("watches", () => {
  const open = withSandbox(() => ({ users: [{ name: "bob", rules: [{ verbs: ["list"] }] }] }));

  async function version(): Promise<string> {
    return (await open().admin.get(pods)).list.metadata.resourceVersion ?? "";
  }

  const watch = (query: string, path = pods) => open().admin.get(`${path}?watch=1&${query}`);

  it("a watch sends changes until timeoutSeconds are over", async () => {
    const answer = watch(`resourceVersion=${await version()}&timeoutSeconds=1`);
    const { sandbox } = open();
    sandbox.seed(pod("later"));
    sandbox.seed(pod("later", { labels: { a: "b" } }));
    sandbox.remove(pod("later"));

    assert.deepEqual(eventsOf(await answer), [
      ["ADDED", "later"],
      ["MODIFIED", "later"],
      ["DELETED", "later"],
    ]);
  });

  it("a watch without a version begins with the existing objects", async () => {
    open().sandbox.seed(pod("there"));

    const events = eventsOf(await watch("timeoutSeconds=1"));

    assert.deepEqual(events, [["ADDED", "there"]]);
    open().sandbox.remove(pod("there"));
  });

  it("a watch sees its namespace only, and objects come and go as its selector matches", async () => {
    const since = await version();
    const { sandbox } = open();
    sandbox.seed(pod("elsewhere", { labels: { a: "b" } }, "other"));
    sandbox.seed(pod("chosen"));
    sandbox.seed(pod("chosen", { labels: { a: "b" } }));
    sandbox.seed(pod("chosen", { labels: { a: "c" } }));

    const answer = await watch(`resourceVersion=${since}&timeoutSeconds=1&labelSelector=a%3Db`);

    assert.deepEqual(eventsOf(answer), [
      ["ADDED", "chosen"],
      ["DELETED", "chosen"],
    ]);
  });

  it("a watch ends with a bookmark when bookmarks are allowed", async () => {
    const answer = await watch(
      `resourceVersion=${await version()}&timeoutSeconds=1&allowWatchBookmarks=true`,
    );

    const bookmark = JSON.parse(answer.text) as Event;
    assert.equal(bookmark.type, "BOOKMARK");
    assert.equal(bookmark.object.metadata.resourceVersion, await version());
  });

  it("a watch from a compacted version gets an ERROR event", async () => {
    const since = await version();
    open().sandbox.seed(pod("fresh"));
    open().sandbox.expireContinueTokens();

    const answer = await watch(`resourceVersion=${since}&timeoutSeconds=1`);

    assert.equal(answer.status, 200);
    assert.match(answer.text, /"type":"ERROR".*"reason":"Expired".*"code":410/);
    assert.deepEqual(eventsOf(await watch(`resourceVersion=${await version()}&timeoutSeconds=1`)), []);
  });

  it("a watch sends metadata alone when the client accepts that", async () => {
    const since = await version();
    open().sandbox.seed(pod("slim"));
    const accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    const answer = await open().admin.get(`${pods}?watch=1&resourceVersion=${since}&timeoutSeconds=1`, {
      accept,
    });

    const { object } = JSON.parse(answer.text) as Event;
    assert.deepEqual([object.kind, object["status"]], ["PartialObjectMetadata", undefined]);
  });

  it("a cut during a watch sends its first line only", async () => {
    const since = await version();
    open().sandbox.seed(pod("cut"));
    open().sandbox.faults.add({ path: "watch=1", effect: { kind: "cut", when: "during" } });

    await assert.rejects(watch(`resourceVersion=${since}&timeoutSeconds=1`));
  });

  it("a resource that cannot be watched answers 405", async () => {
    const path = "/apis/image.openshift.io/v1/namespaces/shop/imagestreamtags";
    assert.equal((await watch("timeoutSeconds=1", path)).status, 405);
  });
});
