import assert from "node:assert/strict";
import { looksLikePath, nameOfFile } from "../../../../provider/support/text/paths.js";

describe("A text where a path or content may stand", () => {
  for (const path of [
    "config",
    "./keys/client.key",
    "../shared/ca.pem",
    "~/.kube/config",
    "/home/ann/.kube/config",
    "C:\\Users\\ann\\.kube\\config",
    "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt",
    "environments/production/certificates/ca-bundle.crt",
    "/tmp/8a1f2c3d4e5f60718293a4b5c6d7e8f90123456789abcdef0123456789abcd/ca.crt",
  ]) {
    it(`is shown: ${path}`, () => {
      assert.ok(looksLikePath(path));
      assert.equal(nameOfFile(path, "/full"), "/full");
    });
  }

  for (const [name, text] of [
    ["a key with armour", "-----BEGIN PRIVATE KEY-----"],
    ["a short key without armour", "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9q"],
    ["a key that begins with a slash", `/${"a".repeat(80)}`],
    ["a kubeconfig in base64", Buffer.from("apiVersion: v1\nkind: Config\n").toString("base64").repeat(3)],
    ["YAML", "apiVersion: v1\nkind: Config"],
    ["JSON", '{"a":1}'],
    ["an API token", "sha256~Zx81kQpLw7Ru2Vn4Tb6Ym9Hc3Jd5Gf0SaEoIiUuXxQ"],
    ["a long path", `/${"folder/".repeat(40)}file`],
    ["a terminal's command", "\u001b[2J"],
  ] as const) {
    it(`is not shown: ${name}`, () => {
      assert.ok(!looksLikePath(text));
      assert.equal(
        nameOfFile(text, "/full"),
        `what is given (${text.length} characters, which look like no path)`,
      );
    });
  }
});
