import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import type { HookedResource } from "../../support/programs/hookMessages.js";
import {
  HookFailure,
  type HookProcess,
  type HookProcessOptions,
  startHookProcess,
} from "../../support/programs/hookProcess.js";

describe("the permanent entry in a process of its own", () => {
  let hooks: HookProcess;
  afterEach(() => hooks.end());
  const start = (options: HookProcessOptions) => (hooks = startHookProcess(options));

  const credentials = ["OKD_TOKEN", "OKD_PASSWORD", "K8S_AUTH_API_KEY", "K8S_AUTH_PASSWORD"];
  for (const variable of credentials) {
    it(`loads with ${variable} in the environment, and keeps it out of messages`, async () => {
      const { call } = start({ environment: { [variable]: "top~secret" } });
      const resources: readonly HookedResource[] = [
        "importedImageStream",
        "imagePrunePolicy",
        "imageArchive",
      ];
      for (const resource of resources) await call(resource, "configure", {});
      await assert.rejects(
        call("importedImageStream", "read", "shop/web", { connection: { context: "top~secret" } }),
        (error) => {
          assert.ok(error instanceof HookFailure);
          assert.match(error.message, /CONNECTION_INVALID|there is no/);
          assert.doesNotMatch(error.message, /top~secret/);
          return true;
        },
      );
    });
  }

  it("writes nothing into the home folder", async () => {
    const { call, home } = start({});
    const answer = await call("imageArchive", "check", {}, { path: "a.tar", images: [] });
    assert.match(JSON.stringify(answer), /images: /);
    assert.deepEqual(readdirSync(home), []);
  });
});
