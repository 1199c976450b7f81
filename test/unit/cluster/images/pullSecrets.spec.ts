import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "okd-image-sandbox";
import { clusterPullSecrets } from "../../../../provider/cluster/images/pullSecrets.js";
import type { PullSecrets } from "../../../../provider/imports/pullSecrets.js";
import { hasCode } from "../../../../provider/support/imageError.js";
import { config, pullSecret } from "../../../support/builders/pullSecret.js";
import { clientFor, never, tokenSource } from "../../../support/clients/cluster.js";

const key = { namespace: "shop", name: "web-pull" };
const options = { signal: never };

describe("clusterPullSecrets", () => {
  let sandbox: Sandbox;
  let secrets: PullSecrets;

  const as = (token: string) =>
    clusterPullSecrets(clientFor(sandbox.httpUrl ?? "", {}, [tokenSource(token)]));
  beforeEach(async () => {
    sandbox = await startSandbox({
      namespaces: ["shop", "build"],
      plainHttp: true,
      users: [
        { name: "ci", token: "sha256~ci", rules: [] },
        {
          name: "reader",
          token: "sha256~reader",
          rules: [{ verbs: ["get"], apiGroups: [""], resources: ["secrets"], namespaces: ["shop"] }],
        },
      ],
    });
    secrets = as(sandbox.adminToken);
  });
  afterEach(() => sandbox.close());

  it("creates, reads, replaces and deletes one secret", async () => {
    assert.equal(await secrets.getSecret(key, options), undefined);
    const created = await secrets.createSecret(pullSecret(), options);
    const { resourceVersion = "", uid = "" } = created.metadata;
    assert.deepEqual((await secrets.getSecret(key, options))?.data, pullSecret().data);

    const changed = { ...created, data: pullSecret({ config: config("new") }).data ?? {} };
    const replaced = await secrets.replaceSecret(changed, options);
    await assert.rejects(secrets.replaceSecret(changed, options), (error) => hasCode(error, "API_CONFLICT"));
    await assert.rejects(
      secrets.deleteSecret(key, { uid, resourceVersion }, options),
      (error) => hasCode(error, "API_CONFLICT"),
      "the precondition",
    );
    const now = { uid, resourceVersion: replaced.metadata.resourceVersion ?? "" };
    assert.equal(await secrets.deleteSecret(key, now, options), "deleted");
    assert.equal(await secrets.deleteSecret(key, now, options), "absent");
  });

  it("stores nothing in a dry run", async () => {
    await secrets.createSecret(pullSecret(), { ...options, dryRun: true });
    assert.equal(await secrets.getSecret(key, options), undefined);
    const created = await secrets.createSecret(pullSecret(), options);
    await secrets.replaceSecret(
      { ...created, data: pullSecret({ config: config("new") }).data ?? {} },
      {
        ...options,
        dryRun: true,
      },
    );
    assert.deepEqual((await secrets.getSecret(key, options))?.data, pullSecret().data);
  });

  it("tells a conflict, a missing namespace and a type that changes apart", async () => {
    await secrets.createSecret(pullSecret(), options);
    await assert.rejects(secrets.createSecret(pullSecret(), options), (error) =>
      hasCode(error, "API_CONFLICT"),
    );
    await assert.rejects(secrets.createSecret(pullSecret({ namespace: "none" }), options), (error) =>
      hasCode(error, "NAMESPACE_NOT_FOUND"),
    );
    const live = await secrets.getSecret(key, options);
    await assert.rejects(secrets.replaceSecret({ ...live!, type: "Opaque" }, options), (error) =>
      hasCode(error, "API_INVALID"),
    );
  });

  it("names the role of somebody without rights, and for reading one secret a role that has no more", async () => {
    const ci = as("sha256~ci");
    const source = { namespace: "build", name: "quay" };
    await assert.rejects(
      ci.getSecret(source, options),
      /Cannot read secret build\/quay: ci may not get secrets in namespace build\..*oc create role read-quay --verb=get --resource=secrets --resource-name=quay -n build && oc create rolebinding read-quay --role=read-quay --user='ci' -n build \[API_FORBIDDEN\]/,
    );
    const reader = as("sha256~reader");
    const created = await secrets.createSecret(pullSecret(), options);
    const { uid = "", resourceVersion = "" } = created.metadata;
    for (const [verb, write] of [
      ["create", () => reader.createSecret(pullSecret({ name: "other" }), options)],
      ["update", () => reader.replaceSecret(created, options)],
      ["delete", () => reader.deleteSecret(key, { uid, resourceVersion }, options)],
    ] as const) {
      await assert.rejects(
        write(),
        new RegExp(
          `reader may not ${verb} secrets in namespace shop\\. Role edit has that right: oc policy add-role-to-user edit 'reader' -n shop \\[API_FORBIDDEN\\]`,
        ),
      );
    }
  });

  it("takes a router's page for no proof that a secret is absent", async () => {
    sandbox.faults.add({
      path: "/secrets/",
      effect: { kind: "answer", status: 404, body: "<html>gone</html>" },
      times: 9,
    });
    await assert.rejects(secrets.getSecret(key, options), (error) => hasCode(error, "API_NOT_FOUND"));
  });
});
