import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Operation } from "../support/cli/operation.js";
import { useScene } from "../support/cli/scenes/imports.js";
import type { Stack } from "../support/cli/stack.js";

const members = ["system:masters"];

describe("Credentials without an argument under the Pulumi CLI", function () {
  this.timeout(240_000);
  const scene = useScene("test/cli/credentials");

  /** A token of an administrator of that name; counts the requests that carry it. */
  function watchedToken(who: string): { readonly token: string; readonly seen: () => number } {
    const token = scene.world.sandbox.addToken(who, `sha256~of-${who}`, members);
    let count = 0;
    const headers = { authorization: `^Bearer ${token}$` };
    scene.world.sandbox.onRequest({ headers, times: 0 }, () => void (count += 1));
    return { token, seen: () => count };
  }

  function kubeconfigOf(stack: Stack, token: string): string {
    const { sandbox } = scene.world;
    const file = join(stack.project.root, `kubeconfig-${token.replaceAll(/\W/g, "")}`);
    writeFileSync(file, sandbox.kubeconfig().replaceAll(sandbox.adminToken, token));
    return file;
  }

  /** Runs the CLI with these variables and no others of ours. */
  async function withVariables(
    stack: Stack,
    variables: Readonly<Record<string, string>>,
    run: () => Promise<Operation>,
  ): Promise<Operation> {
    Object.assign(stack.environment, variables);
    const operation = await run();
    for (const name of Object.keys(variables)) Reflect.deleteProperty(stack.environment, name);
    return operation;
  }

  async function stackWithoutConnection(): Promise<Stack> {
    scene.world.publish("v1");
    const stack = await scene.stack();
    stack.declare({ resources: [scene.web({ connection: undefined })] });
    return stack;
  }

  it("serve all operations of a stack: variables, kubeconfigs and the stack's config", async () => {
    const stack = await stackWithoutConnection();
    const { url: host, certificateAuthority } = scene.world.sandbox;
    const ca = join(stack.project.root, "ca.pem");
    writeFileSync(ca, certificateAuthority);
    const [okd, ansible, file, ownFile, config] = ["okd", "ansible", "file", "own-file", "config"].map(
      watchedToken,
    ) as [Watched, Watched, Watched, Watched, Watched];
    type Watched = ReturnType<typeof watchedToken>;
    const okdVariables = { OKD_HOST: host, OKD_TOKEN: okd.token, OKD_CA_CERT: ca };

    const up = await withVariables(stack, okdVariables, () => stack.up());
    assert.equal(up.code, 0, up.text);
    assert.ok(okd.seen() > 0);
    assert.notEqual(scene.world.stream(), undefined);

    const unchanged: readonly (readonly [Readonly<Record<string, string>>, Watched])[] = [
      [okdVariables, okd],
      [{ K8S_AUTH_HOST: host, K8S_AUTH_API_KEY: ansible.token, K8S_AUTH_SSL_CA_CERT: ca }, ansible],
      [{ KUBECONFIG: kubeconfigOf(stack, file.token) }, file],
      [{ OKD_KUBECONFIG: kubeconfigOf(stack, ownFile.token) }, ownFile],
    ];
    for (const [variables, { seen }] of unchanged) {
      const before = seen();
      const preview = await withVariables(stack, variables, () => stack.preview("--expect-no-changes"));
      assert.equal(preview.code, 0, `${Object.keys(variables).join()}: ${preview.text}`);
      assert.ok(seen() > before, Object.keys(variables).join());
    }

    const password = "sha256~no-token";
    const basic = { OKD_HOST: host, OKD_CA_CERT: ca, OKD_USERNAME: "ann", OKD_PASSWORD: password };
    const refused = await withVariables(stack, basic, () => stack.preview());
    assert.notEqual(refused.code, 0);
    assert.match(refused.text, /OpenShift wants a token instead of user and password.*\[API_UNAUTHORIZED\]/);
    assert.doesNotMatch(refused.text, /sha256~no-token/);

    await stack.configure("okd:host", host);
    await stack.configure("okd:caCert", certificateAuthority);
    await stack.configure("okd:token", config.token, "secret");
    const quiet = await stack.preview("--expect-no-changes");
    assert.equal(quiet.code, 0, quiet.text);
    const destroy = await stack.destroy("--skip-preview", "--run-program");
    assert.equal(destroy.code, 0, destroy.text);
    assert.ok(config.seen() > 0);
    assert.equal(scene.world.stream(), undefined);
  });

  it("are followed by KUBECONFIG with one warning for an import, and by none for a prune, when they are refused", async () => {
    const stack = await stackWithoutConnection();
    const { url: host, certificateAuthority } = scene.world.sandbox;
    const ca = join(stack.project.root, "ca.pem");
    writeFileSync(ca, certificateAuthority);
    const administrator = watchedToken("administrator");
    const variables = {
      ...{ OKD_HOST: host, OKD_TOKEN: "sha256~expired", OKD_CA_CERT: ca },
      KUBECONFIG: kubeconfigOf(stack, administrator.token),
    };
    stack.declare({
      resources: ["web", "api"].map((name) => scene.web({ connection: undefined, name }, {}, name)),
    });
    const preview = await withVariables(stack, variables, () => stack.preview());
    assert.equal(preview.code, 0, preview.text);
    assert.ok(administrator.seen() > 0);
    const warnings = preview.events.filter(
      ({ diagnosticEvent }) =>
        diagnosticEvent?.severity === "warning" && diagnosticEvent.message.includes("(401)"),
    );
    assert.equal(warnings.length, 1, preview.text);
    assert.match(
      preview.text,
      /refused token \(variable OKD_TOKEN\) \(401\)\. From here on .* context sandbox of .*\(variable KUBECONFIG\)/,
    );

    const before = administrator.seen();
    stack.declare({ resources: [{ type: "policy", name: "policy", args: { keepTagRevisions: 1 } }] });
    const prune = await withVariables(stack, variables, () => stack.preview());
    assert.notEqual(prune.code, 0, prune.text);
    assert.match(
      prune.text,
      /Not tried: context sandbox of .*never continued as somebody else.*API_UNAUTHORIZED/s,
    );
    assert.equal(administrator.seen(), before, "nothing was read as the administrator");
  });
});
