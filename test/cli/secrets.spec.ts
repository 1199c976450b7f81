import assert from "node:assert/strict";
import { findLeaks } from "../support/cli/leaks.js";
import type { Bag } from "../support/cli/operation.js";
import type { ResourceSpec } from "../support/cli/programSpec.js";
import { quayTags, useScene } from "../support/cli/scenes/imports.js";
import { startProxy } from "../support/servers/proxy.js";
import type { Stack } from "../support/cli/stack.js";

/** What stands in a state in place of a secret value (Pulumi's signature of secrets). */
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

describe("Secrets under the Pulumi CLI", function () {
  this.timeout(240_000);
  const scene = useScene("test/cli/secrets");
  let v1: string;

  before(() => {
    v1 = scene.world.publish("v1");
  });

  /** Everything that prints or stores something: details, errors, failures in part, and the way back. */
  async function wholeLife(stack: Stack, declare: (args: Bag) => void): Promise<void> {
    declare({});
    await stack.succeed("preview", "--diff");
    await stack.succeed("up", "--yes", "--skip-preview", "--diff");
    assert.equal(scene.world.served("v1"), v1);
    declare({ labels: { app: "web" }, tags: quayTags("v1", "missing") });
    assert.notEqual((await stack.preview()).code, 0);
    assert.notEqual((await stack.up("--skip-preview")).code, 0);
    assert.match(stack.resource("web")?.initErrors?.join() ?? "", /tags\.missing: /);
    await stack.succeed("refresh", "--yes", "--skip-preview", "--diff");
    await stack.succeed("stack", "export");
    assert.notEqual((await stack.preview("--json")).code, 0);
    await stack.succeed("destroy", "--yes", "--skip-preview");
    assert.equal(scene.world.stream(), undefined);
  }

  it("a token given as argument appears nowhere", async () => {
    const token = scene.world.sandbox.addToken("robot", "sha256~Xq+Zr/7w=&%p?robot", ["system:masters"]);
    const { host, caCert } = scene.world.connection;
    const stack = await scene.stack();

    await wholeLife(stack, (args) =>
      stack.declare({ resources: [scene.web({ connection: { host, caCert, token }, ...args })] }),
    );

    const wrong = "sha256~not+the/right=one&at%all";
    for (const connection of [
      { host, caCert, token: wrong },
      { host, caCert, username: "robot", password: wrong },
    ]) {
      stack.declare({ resources: [scene.web({ connection })] });
      const refused = await stack.up();
      assert.notEqual(refused.code, 0);
      assert.match(refused.text, /\[API_UNAUTHORIZED\]/);
    }
    const basic = Buffer.from(`robot:${wrong}`).toString("base64");
    assert.deepEqual(findLeaks(stack, [token, wrong, basic]), []);
    assert.notDeepEqual(findLeaks(stack, [v1]), [], "what is no secret is found");
  });

  it("a proxy's login given as argument or in stack config appears nowhere", async () => {
    const proxy = await startProxy();
    const { host, token, caCert } = scene.world.connection as Readonly<Record<string, string>>;
    const proxyUrl = `http://127.0.0.1:${proxy.port}`;
    const stack = await scene.stack();

    const proxyHeaders = { proxyBasicAuth: "ann:Xq+Zr/7w=&%p?proxy", basicAuth: "eve:Xq+Zr/7w=&%p?gate" };
    const connection = { host, token, caCert, proxyUrl, proxyHeaders };
    await wholeLife(stack, (args) => stack.declare({ resources: [scene.web({ connection, ...args })] }));
    const told = proxy.seen.map(({ headers }) => [headers["proxy-authorization"], headers.authorization]);
    const basic = (pair: string) => `Basic ${Buffer.from(pair).toString("base64")}`;
    assert.ok(told.length > 0);
    for (const each of told)
      assert.deepEqual(each, [basic(proxyHeaders.proxyBasicAuth), basic(proxyHeaders.basicAuth)]);

    const inConfig = "bob:Xq+Zr/7w=&%p?config";
    await stack.configure("okd:proxyHeaders", JSON.stringify({ proxyBasicAuth: inConfig }), "secret");
    for (const [key, value] of Object.entries({ host, token, caCert, proxyUrl }))
      await stack.configure(`okd:${key}`, value ?? "", "secret");
    stack.declare({ resources: [scene.web({ connection: undefined })] });
    await stack.succeed("up", "--yes", "--skip-preview");
    await stack.succeed("destroy", "--yes", "--skip-preview");
    await proxy.close();
    const logins = [proxyHeaders.proxyBasicAuth, proxyHeaders.basicAuth, inConfig];
    const passwords = logins.map((login) => login.slice(4));
    assert.deepEqual(findLeaks(stack, [...passwords, ...logins.map(basic)]), []);
    assert.ok(proxy.seen.some(({ headers }) => headers["proxy-authorization"] === basic(inConfig)));
  });

  it("a token in stack config appears nowhere, and a rotated one is used by up and destroy --run-program", async () => {
    const { sandbox } = scene.world;
    const [first, second, third] = ["one", "two", "three"].map((name) =>
      sandbox.addToken("robot", `sha256~Xq+Zr/7w=&%p?${name}-in-config`, ["system:masters"]),
    ) as [string, string, string];
    const stack = await scene.stack();
    const setToken = (token: string) => stack.configure("okd:token", token, "secret");
    await stack.configure("okd:host", sandbox.url);
    await stack.configure("okd:caCert", sandbox.certificateAuthority);
    await setToken(first);

    stack.declare({ resources: [scene.web({ connection: undefined })] });
    await stack.succeed("preview", "--diff");
    await stack.succeed("up", "--yes", "--skip-preview");
    sandbox.removeToken(first);
    await setToken(second);
    const refresh = await stack.refresh("--skip-preview");
    assert.notEqual(refresh.code, 0, "Pulumi gives a refresh the config of the last up");
    assert.match(refresh.text, /--run-program.*\[API_UNAUTHORIZED\]/s);
    assert.equal(scene.world.served("v1"), v1, "unreadable is not absent");
    assert.notEqual(stack.resource("web"), undefined);

    const up = await stack.up("--skip-preview");
    assert.equal(up.code, 0, up.text);
    assert.equal((await stack.refresh("--skip-preview")).code, 0, "up has passed the new one on");

    sandbox.removeToken(second);
    await setToken(third);
    const destroy = await stack.destroy("--skip-preview", "--run-program");
    assert.equal(destroy.code, 0, destroy.text);
    assert.equal(scene.world.stream(), undefined);
    assert.deepEqual(findLeaks(stack, [first, second, third]), []);
  });

  it("a rotated token in the argument reaches the state", async () => {
    const { sandbox } = scene.world;
    const { host, caCert } = scene.world.connection;
    const [first, second] = ["one", "two"].map((name) =>
      sandbox.addToken("robot", `sha256~Xq+Zr/7w=&%p?${name}-in-argument`, ["system:masters"]),
    ) as [string, string];
    const stack = await scene.stack();
    const declare = (token: string) =>
      stack.declare({ resources: [scene.web({ connection: { host, caCert, token } })] });
    declare(first);
    await stack.succeed("up", "--yes", "--skip-preview");
    const before = scene.world.stream();

    sandbox.removeToken(first);
    declare(second);
    const up = await stack.up();
    assert.equal(up.code, 0, up.text);
    assert.deepEqual(up.steps(), ["update web"]);
    assert.deepEqual(scene.world.stream(), before, "the stream is not touched");
    assert.equal((await stack.preview("--expect-no-changes")).code, 0);

    const destroy = await stack.destroy("--skip-preview");
    assert.equal(destroy.code, 0, destroy.text);
    assert.equal(scene.world.stream(), undefined);
    assert.deepEqual(findLeaks(stack, [first, second]), []);
  });

  it("a kubeconfig that another resource gives appears nowhere", async () => {
    const kubeconfig = scene.world.sandbox.kubeconfig({ namespace: "shop" });
    const cluster: ResourceSpec = {
      type: "value",
      name: "cluster",
      args: { value: { $secret: kubeconfig } },
      options: { additionalSecretOutputs: ["result"] },
    };
    const stack = await scene.stack();
    stack.declare({ resources: [cluster] });
    await stack.succeed("up", "--yes", "--skip-preview");

    await wholeLife(stack, (args) =>
      stack.declare({
        resources: [
          cluster,
          scene.web({ connection: { kubeconfig: { $output: ["cluster", "result"] } }, ...args }),
        ],
      }),
    );

    assert.deepEqual(findLeaks(stack, [scene.world.sandbox.adminToken]), []);
  });

  it("a client key appears nowhere, and a secret annotation stays encrypted in the state", async () => {
    const { certificate, key } = await scene.world.sandbox.issueClientCertificate("robot", [
      "system:masters",
    ]);
    const { host, caCert } = scene.world.connection;
    const annotation = "hush, this+is/only=for&the%cluster";
    const stack = await scene.stack();
    const declare = (args: Bag) =>
      stack.declare({
        resources: [
          scene.web({
            connection: { host, caCert, clientCert: certificate, clientKey: key },
            annotations: { note: { $secret: annotation }, plain: "shown" },
            ...args,
          }),
        ],
      });

    declare({});
    await stack.succeed("up", "--yes");
    assert.equal(scene.world.stream()?.metadata.annotations?.note, annotation);
    for (const bag of [stack.resource("web")!.inputs, stack.resource("web")!.outputs]) {
      assert.ok(JSON.stringify((bag.annotations as Bag).note ?? bag.annotations).includes(secretSignature));
      assert.ok(JSON.stringify((bag.connection as Bag).clientKey).includes(secretSignature));
    }
    assert.equal((await stack.preview("--expect-no-changes")).code, 0);
    await scene.world.edit((stream) => {
      stream.metadata.annotations = { ...stream.metadata.annotations, note: "theirs" };
    });
    await stack.succeed("preview", "--diff");
    await stack.succeed("refresh", "--yes", "--diff");
    await wholeLife(stack, declare);

    const keyLines = key.split("\n").filter((line) => line.length > 20 && !line.startsWith("-----"));
    assert.deepEqual(findLeaks(stack, [annotation, ...keyLines]), []);
  });

  it("secret arguments of all three resources appear nowhere, and outputs that show them are encrypted", async () => {
    const host = new URL(scene.world.sandbox.registry().url).host;
    const { connection } = scene.world;
    const hidden = { source: "quay.io/acme/web:v1", kept: "night-shift-*", image: `${host}/acme/web:v1` };
    const common = { connection: { ...connection, host: { $secret: connection.host } } };
    const declare = (stack: Stack, more: Bag = {}) =>
      stack.declare({
        resources: [
          scene.web({ ...common, tags: { v1: { $secret: hidden.source } }, ...more }),
          {
            type: "policy",
            name: "cleanup",
            args: {
              ...common,
              keep: { tags: [{ $secret: hidden.kept }] },
              pruneRegistry: false,
              force: ["noPods"],
            },
          },
          {
            type: "archive",
            name: "bundle",
            args: {
              path: "web.tar",
              images: [{ $secret: hidden.image }],
              registries: { [host]: { insecure: true } },
            },
          },
        ],
      });
    const stack = await scene.stack();
    declare(stack);

    const preview = await stack.succeed("preview", "--diff");
    assert.match(preview.lines("web").join("\n"), /1 tag: v1 sha256:/);
    assert.match(preview.text, /summary *: "1 tag: v1 sha256:/);
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.equal(scene.world.served("v1"), v1);
    for (const [name, key] of [
      ["web", "resolved"],
      ["cleanup", "plan"],
      ["bundle", "content"],
      ["web", "cluster"],
    ] as const) {
      const { inputs, outputs } = stack.resource(name)!;
      assert.ok(JSON.stringify(outputs[key]).includes(secretSignature), `outputs.${key} of ${name}`);
      assert.ok(
        key === "cluster" || JSON.stringify(inputs[key]).includes(secretSignature),
        `inputs.${key} of ${name}`,
      );
      assert.equal(outputs.summary, inputs.summary, "for a refresh");
    }
    assert.equal((await stack.up("--expect-no-changes", "--strict")).code, 0);
    const refresh = await stack.refresh("--expect-no-changes", "--diff");
    assert.equal(refresh.code, 0, refresh.text);
    declare(stack, {
      tags: { v1: { $secret: hidden.source }, gone: { $secret: "quay.io/acme/missing:v9" } },
    });
    const failed = await stack.preview("--json");
    assert.match(failed.text, /tags\.gone: /);
    assert.notEqual((await stack.up("--skip-preview")).code, 0);
    await stack.succeed("stack", "export");
    await stack.succeed("destroy", "--yes", "--skip-preview");

    const leaks = [
      "quay.io/acme/web",
      "quay.io/acme/missing",
      hidden.kept,
      hidden.image,
      connection.host as string,
    ];
    assert.deepEqual(findLeaks(stack, leaks), []);
  });

  it("a pull secret given in clear appears nowhere but in the cluster, and outputs that hold it are encrypted", async () => {
    const [first, second] = ["hush/one+of=robot&accounts", "hush/two+of=robot&accounts"] as const;
    const stack = await scene.stack();
    const keeping = (password: string, more: Bag = {}) => ({
      pullSecret: { auths: { "quay.io": { username: "robot", password } } },
      ...more,
    });
    const stored = () =>
      JSON.stringify(scene.world.sandbox.stored("secrets", "web-pull", "shop")?.["data"] ?? {});

    await wholeLife(stack, (args) => stack.declare({ resources: [scene.web(keeping(first, args))] }));
    assert.equal(stored(), "{}", "destroyed");
    stack.declare({ resources: [scene.web(keeping(first))] });
    await stack.succeed("up", "--yes");
    for (const bag of [stack.resource("web")!.inputs, stack.resource("web")!.outputs])
      assert.ok(JSON.stringify(bag.pullSecret).includes(secretSignature));
    assert.equal((await stack.preview("--expect-no-changes")).code, 0);
    const before = stored();
    stack.declare({ resources: [scene.web(keeping(second))] });
    const preview = await stack.succeed("preview", "--diff");
    assert.match(preview.text, /pull secret shop\/web-pull for quay\.io will change: fingerprint/);
    await stack.succeed("up", "--yes", "--skip-preview", "--diff");
    assert.notEqual(stored(), before);
    await stack.succeed("refresh", "--yes", "--skip-preview", "--diff");
    await stack.succeed("destroy", "--yes", "--skip-preview");
    assert.deepEqual(findLeaks(stack, [first, second]), []);
  });

  it("a secret namespace of a stream, which would stand in its ID, is refused in one sentence", async () => {
    const stack = await scene.stack();
    stack.declare({ resources: [scene.web({ namespace: { $secret: "shop" } })] });

    const refused = await stack.preview();
    assert.notEqual(refused.code, 0);
    assert.match(
      refused.text,
      /ImportedImageStream "web": namespace is secret.*Give pulumi\.unsecret\(namespace\)/,
    );
    assert.doesNotMatch(refused.text, / at .*\.js:\d+/);
  });
});
