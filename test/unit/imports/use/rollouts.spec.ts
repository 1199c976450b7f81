import assert from "node:assert/strict";
import { createKindLooks } from "../../../../provider/imports/use/kindLooks.js";
import { createRollouts } from "../../../../provider/imports/use/rollouts.js";
import { createStreamUsers } from "../../../../provider/imports/use/search.js";
import type { ClusterObjects, ObjectWatches } from "../../../../provider/okd/objects.js";
import { ImageError } from "../../../../provider/support/imageError.js";

const stream = { namespace: "shop", name: "web" };
const unwatchable: ObjectWatches = { watch: () => Promise.reject(new ImageError("API_FORBIDDEN", "no")) };

function deployment(namespace: string, name: string) {
  const from = { kind: "ImageStreamTag", name: "web:v1", namespace: "shop" };
  const fieldPath = "spec.template.spec.containers[0].image";
  const annotations = { "image.openshift.io/triggers": JSON.stringify([{ from, fieldPath }]) };
  return {
    metadata: { namespace, name, annotations },
    spec: { template: { spec: { containers: [{ name: "main", image: "x" }] } } },
  };
}

interface World {
  /** Answers the deployments of a namespace, or of all; throws what listing them gives. */
  readonly deployments: (namespace: string | undefined) => readonly object[] | Promise<readonly object[]>;
  readonly isDown?: boolean;
}

function looksAt({ deployments, isDown = false }: World) {
  const asked: string[] = [];
  const objects: Pick<ClusterObjects, "serves" | "list"> = {
    serves: ({ group }) =>
      isDown && group === "build.openshift.io"
        ? Promise.reject(new ImageError("API_ERROR", "its backend is down"))
        : Promise.resolve(true),
    async list({ resource }, { namespace, onPage }) {
      asked.push(namespace === undefined ? resource : `${namespace}/${resource}`);
      if (resource === "deployments") onPage(await deployments(namespace));
      return { count: 0, bytes: 0, serverTime: 0 };
    },
  };
  return { asked, looks: createKindLooks({ objects, watches: unwatchable }) };
}

async function found(world: World): Promise<readonly string[]> {
  const signal = new AbortController().signal;
  const objects = await createRollouts(looksAt(world).looks).find(stream, { signal });
  return objects.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
}

describe("objects with triggers on a stream", () => {
  const here = deployment("shop", "here");
  const elsewhere = deployment("prod", "there");

  it("are those of all namespaces where they may be listed", async () => {
    assert.deepEqual(await found({ deployments: () => [here, elsewhere] }), [
      "deployment shop/here",
      "deployment prod/there",
    ]);
  });

  it("are those of the stream's namespace where only that may be listed", async () => {
    const deployments = (namespace: string | undefined) => {
      if (namespace === undefined) throw new ImageError("API_FORBIDDEN", "no");
      return [here];
    };
    assert.deepEqual(await found({ deployments }), ["deployment shop/here"]);
  });

  for (const code of ["API_FORBIDDEN", "API_ERROR", "API_UNREACHABLE"] as const) {
    it(`are none where they cannot be read: ${code}`, async () => {
      const deployments = () => Promise.reject(new ImageError(code, "no"));
      assert.deepEqual(await found({ deployments }), []);
    });
  }

  it("are found although the backend of another kind is down", async () => {
    assert.deepEqual(await found({ deployments: () => [here], isDown: true }), ["deployment shop/here"]);
  });

  it("end with the caller's signal, and with a bug", async () => {
    const stop = new AbortController();
    const waiting = createRollouts(looksAt({ deployments: () => new Promise(() => undefined) }).looks).find(
      stream,
      { signal: stop.signal },
    );
    stop.abort(new Error("enough"));
    await assert.rejects(waiting, /enough/);
    await assert.rejects(found({ deployments: () => Promise.reject(new TypeError("bug")) }), /bug/);
  });

  it("are read from the lists that the search for users has made", async () => {
    const { asked, looks } = looksAt({ deployments: () => [here] });
    const signal = new AbortController().signal;
    const vanishing = { ...stream, tags: ["v1"], digests: [], upstreams: [] };
    await createStreamUsers(looks).find(vanishing, { signal, isForRemoval: false });
    const before = asked.length;

    const objects = await createRollouts(looks).find(stream, { signal });

    assert.equal(objects.length, 1);
    assert.equal(asked.length, before);
  });
});
