import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { selectContext } from "../../../../../provider/cluster/connection/kubeConfig/selectContext.js";
import type { CredentialSource } from "../../../../../provider/http/credentials.js";
import { hasCode } from "../../../../../provider/support/imageError.js";
import { never } from "../../../../support/clients/cluster.js";
import { kubeconfig } from "../../../../support/fakes/machine.js";
import { createAuthority, type Issued } from "../../../../support/servers/certificates.js";

const jwt = (expiresInSeconds: number) => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ exp: Math.floor(Date.now() / 1000) + expiresInSeconds })}.c2ln`;
};

describe("credentials of a kubeconfig", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(tmpdir(), "kubeconfig-"))));
  after(() => rmSync(folder, { recursive: true }));

  function credentialsOf(user: object): CredentialSource {
    const load = () => [{ content: kubeconfig({ prod: { user } }), folder, origin: "test" }];
    const wanted = { context: undefined, cluster: undefined, origin: "test" };
    return selectContext(load, wanted, { readFile: (file) => readFileSync(file, "utf8") }).credentials;
  }

  async function authorization(source: CredentialSource): Promise<unknown> {
    return (await source.read(never)).headers["Authorization"];
  }

  /** A plugin in the kubeconfig's folder that counts its runs and prints what `print` says. */
  function plugin(name: string, print: string): { readonly exec: object; readonly runs: () => number } {
    const counter = path.join(folder, `${name}.runs`);
    writeFileSync(path.join(folder, name), `#!/bin/sh\necho run >> '${counter}'\n${print}\n`);
    chmodSync(path.join(folder, name), 0o755);
    return {
      exec: { apiVersion: "client.authentication.k8s.io/v1", command: `./${name}`, args: ["get-token"] },
      runs: () => readFileSync(counter, "utf8").trim().split("\n").length,
    };
  }

  const credential = (status: object) =>
    `echo '${JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status })}'`;

  it("a client certificate in the kubeconfig is used", async () => {
    const pair = await (await createAuthority()).issue("ann", []);
    const data = (text: string) => Buffer.from(text).toString("base64");
    const source = credentialsOf({
      "client-certificate-data": data(pair.cert),
      "client-key-data": data(pair.key),
    });
    assert.deepEqual((await source.read(never)).certificate, pair satisfies Issued);
  });

  it("impersonation is used with its groups", async () => {
    const source = credentialsOf({ token: "t", as: "bob", "as-groups": ["dev", "ops"] });
    assert.deepEqual((await source.read(never)).headers, {
      Authorization: "Bearer t",
      "Impersonate-User": "bob",
      "Impersonate-Group": ["dev", "ops"],
    });
  });

  it("a token file beside the kubeconfig is read again after a refusal", async () => {
    writeFileSync(path.join(folder, "token"), "first\n");
    const source = credentialsOf({ tokenFile: "token" });
    assert.equal(await authorization(source), "Bearer first");
    writeFileSync(path.join(folder, "token"), "second\n");
    assert.equal(await authorization(source), "Bearer first");
    source.forget?.();
    assert.equal(await authorization(source), "Bearer second");
  });

  it("an exec plugin is run once for many requests and again after a refusal", async () => {
    const { exec, runs } = plugin("once", credential({ token: "from-plugin" }));
    const source = credentialsOf({ exec });
    const read = () => authorization(source);
    assert.deepEqual(await Promise.all([read(), read(), read()]), Array(3).fill("Bearer from-plugin"));
    await read();
    assert.equal(runs(), 1);
    source.forget?.();
    await read();
    assert.equal(runs(), 2);
  });

  it("an exec plugin whose token has expired is run again", async () => {
    const { exec, runs } = plugin(
      "expiring",
      credential({ token: jwt(5), expirationTimestamp: "2020-01-01T00:00:00Z" }),
    );
    const source = credentialsOf({ exec });
    await authorization(source);
    await authorization(source);
    assert.equal(runs(), 2);
  });

  it("an exec plugin is told the protocol and has no standard input", async () => {
    const { exec } = plugin(
      "protocol",
      `read line && exit 9\necho "{\\"status\\":{\\"token\\":\\"$(echo "$KUBERNETES_EXEC_INFO" | grep -c client.authentication.k8s.io/v1)\\"}}"`,
    );
    assert.equal(await authorization(credentialsOf({ exec })), "Bearer 1");
  });

  const failing: readonly (readonly [string, () => object, RegExp])[] = [
    [
      "that fails",
      () => plugin("fails", "echo 'please log in' >&2\nexit 1").exec,
      /exec plugin .*fails failed with exit status 1; what it says is not shown.*: run it by hand \(context prod of test\)/,
    ],
    ["that is silent", () => plugin("silent", "exit 1").exec, /failed with exit status 1; /],
    [
      "that prints no JSON",
      () => plugin("chatty", "echo hello").exec,
      /answered something that is no ExecCredential; /,
    ],
    [
      "that is not installed",
      () => ({ command: "no-such-plugin-x", installHint: "Get it at example.com" }),
      /exec plugin no-such-plugin-x was not found in PATH\. Get it at example\.com/,
    ],
  ];
  for (const [name, exec, says] of failing) {
    it(`an exec plugin that ${name} is explained`, async () => {
      await assert.rejects(credentialsOf({ exec: exec() }).read(never), (error) => {
        assert.ok(hasCode(error, "CONNECTION_INVALID"));
        assert.match(error.message, says);
        return true;
      });
    });
  }

  it("a message holds nothing of what an exec plugin prints", async () => {
    const secrets = ["eyJhbGciOiJSUzI1NiJ9.payload", "please log in as ann"];
    const scripts = secrets.flatMap((text) => [
      `echo '${text}'; exit 1`,
      `echo '${text}' >&2; exit 1`,
      `echo '${text}'`,
      `echo '{"status": "${text}"}'`,
      `echo '["${text}"'`,
      `echo '{"kind":"ExecCredential","spec":"${text}"}'`,
    ]);
    for (const [index, script] of scripts.entries()) {
      await assert.rejects(
        credentialsOf({ exec: plugin(`talks${index}`, script).exec }).read(never),
        (error) => {
          assert.ok(hasCode(error, "CONNECTION_INVALID"), script);
          for (const word of ["eyJ", "payload", "log in", "ann"])
            assert.ok(!error.message.includes(word), error.message);
          return true;
        },
      );
    }
  });

  it("the secrets of a kubeconfig are registered before their use", () => {
    const told: string[] = [];
    const user = {
      token: "t-1",
      password: "p-1",
      "client-key-data": "a2V5",
      "auth-provider": { name: "oidc", config: { "refresh-token": "r-1", "idp-issuer-url": "https://id" } },
      exec: {
        command: "x",
        args: ["--region", "eu", "--client-secret=s-1", "--token", "t-2"],
        env: [
          { name: "AWS_SECRET_ACCESS_KEY", value: "e-1" },
          { name: "AWS_PROFILE", value: "prod" },
        ],
      },
    };
    const cluster = { "proxy-url": "http://ann:proxy-1@proxy:3128" };
    const content = kubeconfig({ prod: { user, cluster } });
    const wanted = { context: undefined, cluster: undefined, origin: "test" };
    selectContext(() => [{ content, origin: "test" }], wanted, {
      readFile: () => "",
      onSecret: (secret) => told.push(secret),
    });
    const expected = ["t-1", "p-1", "a2V5", "r-1", "e-1", "s-1", "t-2", "proxy-1"];
    assert.deepEqual([...new Set(told)].sort(), expected.sort());
  });

  it("an OIDC token is used as long as it is valid", async () => {
    const token = jwt(3600);
    const source = credentialsOf({ "auth-provider": { name: "oidc", config: { "id-token": token } } });
    assert.equal(await authorization(source), `Bearer ${token}`);
  });

  it("an expired OIDC token that cannot be refreshed is an error and not an anonymous request", async () => {
    const source = credentialsOf({ "auth-provider": { name: "oidc", config: { "id-token": jwt(-60) } } });
    await assert.rejects(source.read(never), /the token has expired and cannot be refreshed/);
  });

  it("a provider that kubectl has removed is named", async () => {
    const source = credentialsOf({ "auth-provider": { name: "gcp", config: {} } });
    await assert.rejects(source.read(never), /auth-provider gcp was removed from kubectl/);
  });

  describe("read again after a 401", () => {
    const wanted = { context: undefined, cluster: undefined, origin: "test" };
    const selected = (contents: string[]) => {
      let next = 0;
      const load = () => [
        { content: contents[Math.min(next++, contents.length - 1)] ?? "", folder, origin: "file" },
      ];
      return selectContext(load, wanted, { readFile: (file) => readFileSync(file, "utf8") }).credentials;
    };
    const reread = async (later: string) => {
      const source = selected([kubeconfig({ prod: { user: { token: "old" } } }), later]);
      assert.equal(await authorization(source), "Bearer old");
      source.forget?.();
      return await authorization(source);
    };

    it("takes the new token of the same context", async () => {
      assert.equal(await reread(kubeconfig({ prod: { user: { token: "new" } } })), "Bearer new");
    });

    it("keeps the context when another one has become current", async () => {
      const later = kubeconfig({ admin: { user: { token: "admin" } }, prod: { user: { token: "new" } } });
      assert.equal(await reread(later), "Bearer new");
    });

    const changed = {
      "names another server": kubeconfig({ prod: { server: "https://elsewhere:6443" } }),
      "names another user": kubeconfig({ prod: {}, admin: {} }).replace('"user":"prod"}', '"user":"admin"}'),
      "has gone": kubeconfig({ admin: {} }),
    };
    for (const [what, later] of Object.entries(changed)) {
      it(`fails when the context ${what}`, async () => {
        await assert.rejects(reread(later), (error) => {
          assert.ok(hasCode(error, "CONNECTION_INVALID"));
          assert.match(error.message, /^connection\.context: .*"prod"/);
          return true;
        });
      });
    }
  });
});
