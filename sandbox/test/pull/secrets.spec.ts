import assert from "node:assert/strict";
import { parseReference } from "okd-image-sandbox/internal/images/reference";
import { ObjectStore } from "okd-image-sandbox/internal/kube/storage/objectStore";
import { findCredentials, loadPullSecrets } from "okd-image-sandbox/internal/pull/secrets";

interface MatchCase {
  readonly name: string;
  /** Keys of the secret; each has its own name as user. */
  readonly keys: readonly string[];
  readonly reference: string;
  readonly user: string | undefined;
}

const cases: readonly MatchCase[] = [
  { name: "the host is equal", keys: ["quay.io"], reference: "quay.io/a/b:c", user: "quay.io" },
  { name: "the host is another one", keys: ["quay.io"], reference: "ghcr.io/a/b:c", user: undefined },
  {
    name: "the longest path wins",
    keys: ["quay.io", "quay.io/a", "quay.io/a/b"],
    reference: "quay.io/a/b:c",
    user: "quay.io/a/b",
  },
  { name: "the path is no prefix", keys: ["quay.io/x"], reference: "quay.io/a/b:c", user: undefined },
  { name: "the port is another one", keys: ["quay.io"], reference: "quay.io:443/a/b:c", user: undefined },
  {
    name: "host and port are equal",
    keys: ["127.0.0.1:5601"],
    reference: "127.0.0.1:5601/a/b:c",
    user: "127.0.0.1:5601",
  },
  {
    name: "a glob matches one label",
    keys: ["*.example.com"],
    reference: "registry.example.com/a:1",
    user: "*.example.com",
  },
  {
    name: "a glob does not span labels",
    keys: ["*.com"],
    reference: "registry.example.com/a:1",
    user: undefined,
  },
  {
    name: "a short name is one of Docker Hub, under its old URL",
    keys: ["https://index.docker.io/v1/"],
    reference: "nginx:1",
    user: "https://index.docker.io/v1/",
  },
  {
    name: "a short name is one of Docker Hub, under docker.io",
    keys: ["docker.io"],
    reference: "library/nginx:1",
    user: "docker.io",
  },
];

describe("the choice of a pull secret", () => {
  for (const { name, keys, reference, user } of cases) {
    it(`${user === undefined ? "finds no login" : `uses the login of ${user}`} for ${reference}: ${name}`, () => {
      const found = findCredentials(loadPullSecrets(storeWith(keys), "shop"), parseReference(reference));
      assert.equal(found?.username, user);
    });
  }

  it("ignores a secret with the annotation excludeSecret", () => {
    const store = storeWith(["quay.io"], { "openshift.io/image.excludeSecret": "true" });
    assert.deepEqual(loadPullSecrets(store, "shop"), []);
  });

  it("ignores the secrets of other namespaces", () => {
    assert.deepEqual(loadPullSecrets(storeWith(["quay.io"]), "other"), []);
  });

  it("reads a login from username and password in place of auth", () => {
    const store = new ObjectStore();
    insertSecret(store, { "quay.io": { username: "u", password: "p" } });
    const found = findCredentials(loadPullSecrets(store, "shop"), parseReference("quay.io/a/b"));
    assert.deepEqual(
      { username: found?.username, password: found?.password },
      { username: "u", password: "p" },
    );
  });
});

function storeWith(keys: readonly string[], annotations: Readonly<Record<string, string>> = {}): ObjectStore {
  const store = new ObjectStore();
  const auths = Object.fromEntries(keys.map((key) => [key, { username: key, password: "p" }]));
  insertSecret(store, auths, annotations);
  return store;
}

function insertSecret(
  store: ObjectStore,
  auths: object,
  annotations: Readonly<Record<string, string>> = {},
): void {
  const content = Buffer.from(JSON.stringify({ auths })).toString("base64");
  store.insert("secrets", {
    metadata: { name: "pull", namespace: "shop", annotations },
    type: "kubernetes.io/dockerconfigjson",
    data: { ".dockerconfigjson": content },
  });
}
