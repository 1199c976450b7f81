import assert from "node:assert/strict";
import {
  describeWritten,
  releasePullSecret,
  type SecretWriteOrder,
  writePullSecret,
} from "../../../../provider/imports/execute/pullSecret.js";
import { readSecretClaims } from "../../../../provider/imports/plan/pullSecret/claims.js";
import { configOf } from "../../../../provider/imports/plan/pullSecret/content.js";
import type { FoundSecretUsers } from "../../../../provider/imports/pullSecrets.js";
import { ImageError } from "../../../../provider/support/imageError.js";
import { config, copied, declared, pullSecret, urnOfStream } from "../../../support/builders/pullSecret.js";
import { type FakeSecrets, fakeSecrets } from "../../../support/fakes/secrets.js";

const { signal } = new AbortController();
const mine = { id: "c1", resource: urnOfStream("web") };
const key = { namespace: "shop", name: "web-pull" };
const write = (secrets: FakeSecrets, more: Partial<SecretWriteOrder> = {}) =>
  writePullSecret(
    secrets,
    {
      namespace: "shop",
      desired: declared(config("hunter2")),
      claim: "c1",
      claimant: mine.resource,
      adopt: false,
      ...more,
    },
    signal,
  );

describe("Writing a pull secret", () => {
  it("creates it, and does nothing the second time", async () => {
    const secrets = fakeSecrets();

    const first = await write(secrets);
    const second = await write(secrets);

    assert.equal(describeWritten(first), "created pull secret shop/web-pull for quay.io");
    assert.equal(second.done, "unchanged");
    assert.equal(describeWritten(second), undefined);
    assert.deepEqual(secrets.calls, ["get shop/web-pull", "create shop/web-pull", "get shop/web-pull"]);
  });

  it("reads again after a conflict and after a lost answer, and tells what the first attempt did", async () => {
    const lost = new ImageError("API_UNREACHABLE", "the answer was lost");
    for (const [failure, isDone] of [
      [new ImageError("API_CONFLICT", "changed"), false],
      [lost, true],
    ] as const) {
      const secrets = fakeSecrets(pullSecret({ config: config("old"), claims: [mine] }));
      secrets.fail("replace", failure, isDone);
      const { done } = await write(secrets);
      assert.equal(done, "replaced");
      assert.deepEqual(configOf(secrets.secret("web-pull")!), config("hunter2"));
    }
  });

  it("joins a resource of the same program that was faster", async () => {
    const secrets = fakeSecrets();
    const site = { id: "c2", resource: urnOfStream("site") };

    await Promise.all([write(secrets), write(secrets, { claim: site.id, claimant: site.resource })]);

    assert.deepEqual(readSecretClaims(secrets.secret("web-pull")!), [mine, site]);
  });

  it("refuses a stranger's secret and leaves it", async () => {
    const secrets = fakeSecrets(pullSecret({ config: config("theirs") }));
    await assert.rejects(
      write(secrets),
      /^ImageError: pullSecret: secret shop\/web-pull exists.*\[SECRET_NOT_OWNED\]/,
    );
    assert.deepEqual(configOf(secrets.secret("web-pull")!), config("theirs"));
  });

  it("copies a secret of both types, and follows it", async () => {
    for (const type of ["kubernetes.io/dockercfg", "kubernetes.io/dockerconfigjson"]) {
      const source = { namespace: "build", name: "quay", type };
      const secrets = fakeSecrets(pullSecret({ ...source, config: config("one") }));
      const desired = copied("build", "quay");

      assert.equal((await write(secrets, { desired })).done, "created");
      assert.deepEqual(configOf(secrets.secret("quay")!), config("one"));
      assert.equal(secrets.secret("quay")?.type, "kubernetes.io/dockerconfigjson");
      secrets.put(pullSecret({ ...source, config: config("two") }));
      assert.equal((await write(secrets, { desired })).done, "replaced");
      assert.equal((await write(secrets, { desired })).done, "unchanged");
      assert.deepEqual(configOf(secrets.secret("quay")!), config("two"));
    }
  });

  it("says what is missing where the source is absent, forbidden or no pull secret", async () => {
    const desired = copied("build", "quay");
    await assert.rejects(
      write(fakeSecrets(), { desired }),
      /pullSecretFrom: there is no secret build\/quay to copy\. .*dependsOn\. \[API_NOT_FOUND\]/,
    );
    const opaque = fakeSecrets(pullSecret({ namespace: "build", name: "quay", type: "Opaque" }));
    await assert.rejects(
      write(opaque, { desired }),
      /is no pull secret that can be read: its type is Opaque/,
    );
    const forbidden = fakeSecrets();
    forbidden.fail("get build/quay", new ImageError("API_FORBIDDEN", "Cannot read secret build/quay"));
    await assert.rejects(
      write(forbidden, { desired }),
      /: pullSecretFrom: Cannot read secret build\/quay \[API_FORBIDDEN\]$/,
    );
  });
});

describe("Releasing a pull secret", () => {
  const release = async (secrets: FakeSecrets, users: Partial<FoundSecretUsers> = {}, more: object = {}) => {
    const warnings: string[] = [];
    const found = { users: [], unread: [], ...users };
    const ports = { secrets, secretUsers: { findSecretUsers: () => Promise.resolve(found) } };
    const order = { key, claim: "c1", isKept: false, deleteInUse: false, ...more };
    const done = await releasePullSecret(ports, order, { signal, warn: (line) => void warnings.push(line) });
    return { done, warnings };
  };

  it("deletes it when nothing needs it", async () => {
    const secrets = fakeSecrets(pullSecret({ claims: [mine] }));
    assert.deepEqual(await release(secrets), { done: "removed", warnings: [] });
    assert.equal(secrets.secret("web-pull"), undefined);
    assert.deepEqual((await release(secrets)).done, "left", "it is gone");
  });

  it("keeps it for what pulls by it, once said, and without the claim", async () => {
    const secrets = fakeSecrets(pullSecret({ claims: [mine] }));
    secrets.fail("replace", new ImageError("API_CONFLICT", "changed"));

    const { done, warnings } = await release(secrets, { users: ["serviceaccount/default"] });

    assert.equal(done, "left");
    assert.deepEqual(warnings.length, 1);
    assert.deepEqual(readSecretClaims(secrets.secret("web-pull")!), []);
  });

  it("deletes it in spite of its users where the program allows it", async () => {
    const secrets = fakeSecrets(pullSecret({ claims: [mine] }));
    const { done, warnings } = await release(secrets, { users: ["pod/bare"] }, { deleteInUse: true });
    assert.deepEqual([done, warnings.length], ["removed", 1]);
  });

  it("deletes nothing that changed in between without looking again", async () => {
    const secrets = fakeSecrets(pullSecret({ claims: [mine] }));
    const site = { id: "c2", resource: urnOfStream("site") };
    const ports = {
      secrets,
      secretUsers: {
        findSecretUsers: () => {
          secrets.put(pullSecret({ claims: [mine, site] }));
          return Promise.resolve({ users: [], unread: [] });
        },
      },
    };
    const order = { key, claim: "c1", isKept: false, deleteInUse: false };
    assert.equal(await releasePullSecret(ports, order, { signal, warn: () => undefined }), "left");
    assert.deepEqual(readSecretClaims(secrets.secret("web-pull")!), [site]);
  });
});
