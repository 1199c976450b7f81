import assert from "node:assert/strict";
import type { PlannedRemoval } from "../../../../provider/imports/plan/removal.js";
import type { Cluster, FoundUsers } from "../../../../provider/imports/ports.js";
import { requireUnused, type StreamUse, unusedStream } from "../../../../provider/imports/use/check.js";
import { describeUse } from "../../../../provider/imports/use/describe.js";
import { ImageError } from "../../../../provider/support/imageError.js";
import { digest, imageStream, liveTag } from "../../../support/builders/imageStream.js";

const nobody: FoundUsers = { blocking: [], history: [], unread: [] };
const pods = (count: number) =>
  Array.from({ length: count }, (_, index) => `pod/web-${index} namespace=shop`);

function removal(more: Partial<PlannedRemoval> = {}): PlannedRemoval {
  const vanishing = { namespace: "shop", name: "web", tags: ["v1"], digests: [digest("a")], upstreams: [] };
  return { vanishing, deleteInUse: false, subject: "tags", advice: "Keep the tag", ...more };
}

const loss = `removing v1 makes shop/web@${digest("a")} unpullable`;

describe("the message about users of a removal", () => {
  it("is one remark when there are no users", () => {
    assert.deepEqual(describeUse(removal(), nobody), { refusal: undefined, warnings: [], remarks: [loss] });
  });

  it("is empty when no digest vanishes and nobody uses the tag", () => {
    const { vanishing } = removal();
    const report = describeUse(removal({ vanishing: { ...vanishing, digests: [] } }), nobody);

    assert.deepEqual(report, { refusal: undefined, warnings: [], remarks: [] });
  });

  it("is a refusal that names five users and counts the others", () => {
    const { refusal } = describeUse(removal(), { ...nobody, blocking: pods(7) });

    assert.equal(refusal, `tags: ${loss}, which ${pods(5).join(", ")} and 2 more use. Keep the tag`);
  });

  it("names the tag whose digest stays", () => {
    const { vanishing } = removal();
    const without = removal({ vanishing: { ...vanishing, digests: [] } });

    const { refusal } = describeUse(without, { ...nobody, blocking: pods(1) });

    assert.match(refusal!, /makes shop\/web:v1 unpullable, which pod\/web-0 namespace=shop uses\./);
  });

  it("is a warning with deleteInUse", () => {
    const report = describeUse(removal({ deleteInUse: true }), { ...nobody, blocking: pods(1) });

    assert.deepEqual(report, {
      refusal: undefined,
      warnings: [`${loss}, which pod/web-0 namespace=shop uses`],
      remarks: [],
    });
  });

  it("warns of users that only a rollback needs, and of kinds that may not be read", () => {
    const { refusal, warnings } = describeUse(removal(), {
      blocking: [],
      history: ["replicaset/web-1 namespace=shop"],
      unread: ["jobs of other namespaces", "nodes at all"],
    });

    assert.equal(refusal, undefined);
    assert.deepEqual(warnings, [
      `${loss}; replicaset/web-1 namespace=shop could not be rolled back to or run again`,
      `${loss}; whether something uses that is not certain: you may not list jobs of other namespaces and nodes at all`,
    ]);
  });
});

describe("waiting for users", () => {
  const stream = imageStream([liveTag("v1", digest("a"))]);

  /** `found` are the answers one after another; the last one stays. */
  async function wait(found: readonly FoundUsers[], planned: PlannedRemoval | undefined, forMs = 60_000) {
    let looks = 0;
    const progress: string[] = [];
    const users: Cluster["users"] = {
      find: () => Promise.resolve(found[Math.min(looks++, found.length - 1)]!),
      changed: () => Promise.resolve(),
      noteWrite: () => undefined,
    };
    const streams = { indexContents: () => Promise.resolve(new Map<string, readonly string[]>()) };
    const getStream = () => Promise.resolve(stream);
    const watch = {
      signal: new AbortController().signal,
      progress: (line: string) => void progress.push(line),
      warn: () => undefined,
      useWait: { forMs, everyMs: 1 },
    };
    const work = unusedStream({ users, streams }, getStream, () => planned, watch);
    const failure = await work.then(
      () => undefined,
      (error: unknown) => error as Error,
    );
    return { failure, looks, progress };
  }

  it("searches until they are gone, and names them meanwhile", async () => {
    const busy = { ...nobody, blocking: pods(1) };

    const { failure, looks, progress } = await wait([busy, busy, nobody], removal());

    assert.equal(failure, undefined);
    assert.equal(looks, 3);
    assert.deepEqual(progress, ["waiting for pod/web-0 namespace=shop to end"]);
  });

  it("ends with their names", async () => {
    const { failure } = await wait([{ ...nobody, blocking: pods(1) }], removal(), 0);

    assert.match(failure!.message, /pod\/web-0 namespace=shop uses.*\[STREAM_IN_USE\]$/);
  });

  it("asks for no users where nothing vanishes, or deleteInUse is set", async () => {
    const busy = [{ ...nobody, blocking: pods(1) }];

    assert.equal((await wait(busy, undefined)).looks, 0);
    assert.equal((await wait(busy, removal({ deleteInUse: true }))).looks, 0);
  });
});

describe("the users of an index that is deleted", () => {
  const [index, nested, child, grandchild, other] = ["a", "b", "c", "d", "e"].map((name) => digest(name));

  /** Digests whose users are looked for when the index goes. */
  async function asked(contents: StreamUse["streams"]["indexContents"]): Promise<readonly string[]> {
    let seen: readonly string[] = [];
    const users: Cluster["users"] = {
      find: ({ digests }) => {
        seen = digests;
        return Promise.resolve(nobody);
      },
      changed: () => Promise.resolve(),
      noteWrite: () => undefined,
    };
    const signal = new AbortController().signal;
    await requireUnused({ users, streams: { indexContents: contents } }, removal(), { signal });
    return seen;
  }
  const containing =
    (...contents: readonly (readonly [string, readonly string[]])[]) =>
    () =>
      Promise.resolve(new Map(contents));

  it("include those of its manifests, at any depth", async () => {
    const digests = await asked(containing([index!, [child!, nested!]], [nested!, [grandchild!]]));
    assert.deepEqual(digests, [index, child, nested, grandchild]);
  });

  it("exclude those of a manifest that another index of the history has", async () => {
    assert.deepEqual(await asked(containing([index!, [child!, nested!]], [other!, [child!]])), [
      index,
      nested,
    ]);
  });

  it("are those of the index alone where the cluster does not tell its manifests", async () => {
    const refused = () => Promise.reject(new ImageError("API_FORBIDDEN", "no"));
    assert.deepEqual(await asked(refused), [index]);
    await assert.rejects(
      asked(() => Promise.reject(new ImageError("API_ERROR", "broken"))),
      /broken/,
    );
  });
});
