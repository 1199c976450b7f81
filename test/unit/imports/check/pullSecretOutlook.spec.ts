import assert from "node:assert/strict";
import {
  foreseePullSecret,
  type SecretOutlookRequest,
} from "../../../../provider/imports/check/pullSecret/outlook.js";
import { ImageError } from "../../../../provider/support/imageError.js";
import { config, copied, declared, pullSecret, urnOfStream } from "../../../support/builders/pullSecret.js";
import { type FakeSecrets, fakeSecrets } from "../../../support/fakes/secrets.js";

const { signal } = new AbortController();
const mine = { id: "c1", resource: urnOfStream("web") };

async function foresee(
  secrets: FakeSecrets,
  more: Partial<SecretOutlookRequest> = {},
  users: readonly string[] = [],
) {
  const lines: string[] = [];
  const ports = { secrets, secretUsers: { findSecretUsers: () => Promise.resolve({ users, unread: [] }) } };
  const outlook = await foreseePullSecret(
    ports,
    {
      namespace: "shop",
      desired: declared(config("hunter2")),
      before: undefined,
      claimant: mine.resource,
      adopt: false,
      deleteInUse: false,
      isPreview: true,
      ...more,
    },
    {
      signal,
      info: (line) => void lines.push(`info: ${line}`),
      warn: (line) => void lines.push(`warning: ${line}`),
    },
  );
  assert.doesNotMatch(JSON.stringify([outlook, lines]), /hunter2|aHVudGVyMg|cm9ib3Q6/);
  return { outlook, lines };
}

const own = (isComing: boolean, keys: readonly string[] | undefined = ["quay.io"], name = "web-pull") => ({
  kind: "foreseen",
  own: { argument: name === "quay" ? "pullSecretFrom" : "pullSecret", name, keys, isComing },
});

describe("The outlook on a pull secret", () => {
  it("tells that it will be created, by a dry run", async () => {
    const secrets = fakeSecrets();
    const { outlook, lines } = await foresee(secrets);
    assert.deepEqual(outlook, own(true));
    assert.deepEqual(lines, ["info: pull secret shop/web-pull for quay.io will be created"]);
    assert.deepEqual(secrets.calls, ["get shop/web-pull", "create shop/web-pull (dry run)"]);
  });

  it("tells that its content changes, by fingerprints", async () => {
    const secrets = fakeSecrets(pullSecret({ config: config("old"), claims: [mine] }));
    const { outlook, lines } = await foresee(secrets);
    assert.deepEqual(outlook, own(true));
    assert.match(lines.join("\n"), /^info: .* will change: fingerprint [0-9a-f]{12} -> [0-9a-f]{12}$/);
  });

  it("is silent about a secret that is as declared, after one GET", async () => {
    const secrets = fakeSecrets(pullSecret({ claims: [mine] }));
    const { outlook, lines } = await foresee(secrets);
    assert.deepEqual([outlook, lines, secrets.calls], [own(false), [], ["get shop/web-pull"]]);
  });

  it("fails for a stranger's secret and for missing rights, whose argument it names", async () => {
    const refused = await foresee(fakeSecrets(pullSecret()));
    assert.match(
      JSON.stringify(refused.outlook),
      /"failed".*pullSecret: secret shop\/web-pull exists.*SECRET_NOT_OWNED/,
    );

    const secrets = fakeSecrets();
    secrets.fail("create", new ImageError("API_FORBIDDEN", "Cannot create secret shop/web-pull: ci may not"));
    const forbidden = await foresee(secrets);
    assert.match(
      JSON.stringify(forbidden.outlook),
      /"pullSecret: Cannot create secret shop\/web-pull: ci may not \[API_FORBIDDEN\]"/,
    );
  });

  it("does not mind a namespace that the same program may create", async () => {
    const secrets = fakeSecrets();
    secrets.fail("create", new ImageError("NAMESPACE_NOT_FOUND", "Cannot create secret shop/web-pull"));
    assert.deepEqual((await foresee(secrets)).outlook, own(true));
  });

  it("covers everything while a preview does not know it", async () => {
    const secrets = fakeSecrets();
    const { outlook } = await foresee(secrets, { desired: "unknown" });
    assert.deepEqual(outlook, {
      kind: "foreseen",
      own: { argument: "pullSecret", name: "", keys: undefined, isComing: true },
    });
    assert.deepEqual(secrets.calls, []);
  });

  it("waits in a preview for a source that does not exist, and fails in up", async () => {
    const desired = copied("build", "quay");
    const preview = await foresee(fakeSecrets(), { desired });
    assert.deepEqual(preview.outlook, {
      kind: "foreseen",
      own: { argument: "pullSecretFrom", name: "quay", keys: undefined, isComing: true },
    });
    assert.deepEqual(preview.lines, [
      "info: not known yet: pullSecretFrom: there is no secret build/quay to copy.",
    ]);
    const up = await foresee(fakeSecrets(), { desired, isPreview: false });
    assert.match(
      JSON.stringify(up.outlook),
      /"failed".*there is no secret build\/quay to copy\. Name what creates it in dependsOn/,
    );
  });

  it("tells that a copy follows its source", async () => {
    const secrets = fakeSecrets(
      pullSecret({ namespace: "build", name: "quay", config: config("new") }),
      pullSecret({ name: "quay", config: config("old"), claims: [mine] }),
    );
    const { outlook, lines } = await foresee(secrets, { desired: copied("build", "quay") });
    assert.deepEqual(outlook, own(true, ["quay.io"], "quay"));
    assert.match(lines.join("\n"), /pull secret shop\/quay for quay\.io will change: fingerprint/);
  });

  it("refuses to copy a secret onto itself", async () => {
    const { outlook } = await foresee(fakeSecrets(), { desired: copied("shop", "quay") });
    assert.match(JSON.stringify(outlook), /would be copied onto itself/);
  });

  it("tells that a dropped or renamed secret is removed, or why it is kept", async () => {
    const secrets = () => fakeSecrets(pullSecret({ name: "old", claims: [mine] }));
    const dropped = await foresee(secrets(), { desired: undefined, before: "old" });
    assert.deepEqual(dropped.outlook, { kind: "foreseen", own: undefined });
    assert.deepEqual(dropped.lines, ["info: pull secret shop/old will be removed"]);
    const renamed = await foresee(secrets(), { before: "old" });
    assert.match(
      renamed.lines.join("\n"),
      /shop\/old will be removed\ninfo: pull secret shop\/web-pull .* will be created/,
    );
    const used = await foresee(secrets(), { desired: undefined, before: "old" }, ["serviceaccount/default"]);
    assert.match(
      used.lines.join("\n"),
      /^warning: pull secret shop\/old is kept, because serviceaccount\/default uses it/,
    );
    const shared = fakeSecrets(
      pullSecret({ name: "old", claims: [mine, { id: "c2", resource: urnOfStream("site") }] }),
    );
    assert.deepEqual((await foresee(shared, { desired: undefined, before: "old" })).lines, []);
  });

  it("says nothing in up, which says what it does", async () => {
    assert.deepEqual((await foresee(fakeSecrets(), { isPreview: false })).lines, []);
  });
});
