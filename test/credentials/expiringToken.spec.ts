import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { HookFailure, type HookProcess, startHookProcess } from "../support/programs/hookProcess.js";
import { type PruneWorld, startPruneWorld } from "../support/worlds/prune.js";

interface Checked {
  readonly inputs: { readonly plan: { readonly fingerprint: string } };
  readonly failures?: readonly { readonly reason: string }[];
}

describe("a token that expires in the middle of a prune, beside an administrator's in KUBECONFIG", () => {
  let world: PruneWorld;
  let digests: readonly string[];
  let asAdministrator: number;
  const running: HookProcess[] = [];

  beforeEach(async () => {
    world = await startPruneWorld();
    digests = [60, 50, 40, 30, 20, 10].map(
      (days) => world.push("shop/web:latest", `web ${days}`, days).digest,
    );
    world.runPod("other", "quay.io/acme/other:1");
    const { sandbox, folder } = world;
    writeFileSync(join(folder, "admin"), sandbox.kubeconfig());
    asAdministrator = 0;
    const headers = { authorization: `^Bearer ${sandbox.adminToken}$` };
    sandbox.onRequest({ headers, times: 0 }, () => void (asAdministrator += 1));
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((process) => process.end()));
    await world.close();
  });

  const robot = () => world.sandbox.addToken("robot", undefined, ["system:masters"]);

  /** What one `up` does, in a process of its own. */
  async function up(connection: object): Promise<void> {
    const process = startHookProcess({ environment: { KUBECONFIG: join(world.folder, "admin") } });
    running.push(process);
    const news = {
      keepTagRevisions: 2,
      limits: { fraction: 1 },
      __urn: "urn:pulumi:dev::p::pulumi-nodejs:dynamic:Resource::policy",
      connection,
    };
    const check = async (more: object) =>
      (await process.call("imagePrunePolicy", "check", {}, { ...news, ...more })) as Checked;
    const shown = await check({ __preview: true });
    const checked = await check({ approvedFingerprint: shown.inputs.plan.fingerprint });
    assert.deepEqual(checked.failures ?? [], []);
    await process.call("imagePrunePolicy", "create", checked.inputs);
  }

  /** After the deletion of the first Image. */
  const inTheMiddle = (change: () => void) =>
    world.sandbox.onRequest({ server: "api", method: "DELETE", path: "/images/", skip: 1 }, change);

  it("stops the prune where it is, and a later run with a new token finishes it", async () => {
    const { url: host, certificateAuthority: caCert } = world.sandbox;
    const token = robot();
    inTheMiddle(() => world.sandbox.removeToken(token));
    await assert.rejects(up({ host, caCert, token }), (error) => {
      assert.ok(error instanceof HookFailure);
      const said = JSON.stringify([error.message, error.partial]);
      assert.match(said, /Tried: token \(argument\)\. Not tried: context sandbox of .*API_UNAUTHORIZED/);
      return true;
    });
    assert.equal(asAdministrator, 0);
    const left = await world.images();
    assert.ok(left.length > 2 && left.length < 6, String(left.length));

    world.sandbox.shiftClock(3600); // what the first run held is free again
    await up({ host, caCert, token: robot() });
    assert.deepEqual(await world.images(), digests.slice(-2).toSorted());
  });

  it("is read again from its kubeconfig, and the prune goes on", async () => {
    const { sandbox, folder } = world;
    const file = join(folder, "robot");
    const write = (token: string) =>
      writeFileSync(file, sandbox.kubeconfig().replaceAll(sandbox.adminToken, token));
    const first = robot();
    write(first);
    inTheMiddle(() => {
      sandbox.removeToken(first);
      write(robot());
    });
    await up({ kubeconfig: file });
    assert.equal(asAdministrator, 0);
    assert.deepEqual(await world.images(), digests.slice(-2).toSorted());
  });
});
