import assert from "node:assert/strict";
import { appendFileSync, readdirSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ArchiveWorld, startArchiveWorld } from "../../support/worlds/archive.js";

describe("the removal of an ImageArchive", () => {
  let world: ArchiveWorld;

  beforeEach(async () => {
    world = await startArchiveWorld();
    world.publish("v1");
  });
  afterEach(() => world.close());

  type Engine = ReturnType<ArchiveWorld["pulumi"]>;
  const file = (ending = "") => join(world.folder, `web.tar${ending}`);
  const files = () => readdirSync(world.folder).sort();
  const archive = (more: object = {}) => ({
    path: "web.tar",
    images: [`${world.host}/acme/web:v1`],
    manifest: true,
    ...more,
  });
  const all = ["web.tar", "web.tar.json", "web.tar.sha256"];

  /** Messages from here on, without progress and without those about writing. */
  async function said({ lines }: Engine, work: () => Promise<unknown>): Promise<readonly string[]> {
    const before = lines.length;
    await work();
    return lines.slice(before).filter((line) => !/^info: (?:wrote|took over)/.test(line));
  }

  it("deletes all files of the archive without a warning", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(archive());
    assert.deepEqual(await said(pulumi, () => pulumi.destroy()), []);
    assert.deepEqual(files(), []);
  });

  it("warns of no file that is missing already", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(archive());
    unlinkSync(file());
    unlinkSync(file(".json"));
    assert.deepEqual(await said(pulumi, () => pulumi.destroy()), []);
    assert.deepEqual(files(), []);

    const folder = archive({ path: "out/web.tar", createDirectories: true });
    await pulumi.up(folder);
    rmSync(join(world.folder, "out"), { recursive: true });
    assert.deepEqual(await said(pulumi, () => pulumi.destroy()), []);
  });

  describe("after another resource has taken its files over", () => {
    it("names its replacement, without a warning", async () => {
      const pulumi = world.pulumi();
      await pulumi.up(archive());
      assert.deepEqual(await said(pulumi, () => pulumi.up(archive(), { replace: true })), [
        "info: web.tar, web.tar.json, web.tar.sha256 stay: taken over by this resource's replacement",
      ]);
      assert.deepEqual(files(), all);

      const alone = archive({ manifest: false });
      assert.deepEqual(await said(pulumi, () => pulumi.up(alone, { replace: true })), [
        "info: web.tar stays: taken over by this resource's replacement",
      ]);
      assert.deepEqual(files(), ["web.tar"], "what the replacement does not have is nobody's");
    });

    it("names the resource of a rename without aliases", async () => {
      const pulumi = world.oneProcess();
      const [old, renamed] = [pulumi("old"), pulumi("renamed")];
      await old.up(archive());
      await renamed.up(archive());
      assert.deepEqual(await said(old, () => old.destroy()), [
        "info: web.tar, web.tar.json, web.tar.sha256 stay: taken over by resource renamed",
      ]);
      assert.deepEqual(files(), all);
      assert.deepEqual(await said(renamed, () => renamed.destroy()), []);
      assert.deepEqual(files(), []);
    });

    it("names both possible reasons where the other resource is not known", async () => {
      const [old, renamed] = [world.pulumi("old"), world.pulumi("renamed")];
      await old.up(archive({ manifest: false }));
      await renamed.up(archive({ manifest: false }));
      assert.deepEqual(await said(old, () => old.destroy()), [
        "warning: web.tar stays: changed or replaced since this resource has written it. If another resource has taken it over, all is well; else remove it by hand",
      ]);
      assert.deepEqual(files(), ["web.tar"]);
    });

    it("still warns of files that somebody has changed since", async () => {
      const pulumi = world.oneProcess();
      const [old, renamed] = [pulumi("old"), pulumi("renamed")];
      await old.up(archive());
      await renamed.up(archive());
      writeFileSync(file(".json"), "precious");
      assert.deepEqual(await said(old, () => old.destroy()), [
        "info: web.tar, web.tar.sha256 stay: taken over by resource renamed",
        "warning: web.tar.json stays: changed or replaced since this resource has written it. If another resource has taken it over, all is well; else remove it by hand",
      ]);
    });
  });

  describe("keeps what somebody has changed, with a warning", () => {
    for (const [ending, left] of [
      ["", ["web.tar"]],
      [".json", ["web.tar.json"]],
      [".sha256", ["web.tar.sha256"]],
    ] as const) {
      it(`deletes nothing but web.tar${ending}`, async () => {
        const pulumi = world.pulumi();
        await pulumi.up(archive());
        appendFileSync(file(ending), "x");
        const [line, ...others] = await said(pulumi, () => pulumi.destroy());
        assert.ok(line?.startsWith(`warning: web.tar${ending} stays: changed or replaced`), line);
        assert.deepEqual([others, files()], [[], left]);
      });
    }
  });

  it("keeps all files with onDestroy: keep", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(archive({ onDestroy: "keep" }));
    assert.deepEqual(await said(pulumi, () => pulumi.destroy()), []);
    assert.deepEqual(files(), all);
  });
});
