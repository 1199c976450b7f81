import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { ArchiveContent, ContentImage } from "../../../provider/archive/outputs.js";
import type { ManifestEntry } from "../../../provider/archive/plan/sidecars.js";
import { jsonMember, tarMembers } from "../../support/tarMembers.js";
import { type ArchiveWorld, contentIn, startArchiveWorld } from "../../support/worlds/archive.js";

const endings = [".json", ".sha256"] as const;
const amd64 = { os: "linux", architecture: "amd64" };
const arm64 = { os: "linux", architecture: "arm64" };
const s390x = { os: "linux", architecture: "s390x" };

describe("the sidecar files of an archive", () => {
  let world: ArchiveWorld;

  beforeEach(async () => {
    world = await startArchiveWorld();
    world.publish("v1");
  });
  afterEach(() => world.close());

  const file = (ending = "") => join(world.folder, `web.tar${ending}`);
  const text = (ending: string) => readFileSync(file(ending), "utf8");
  const reference = () => `${world.host}/acme/web:v1`;
  const archive = (more: object = {}) => ({
    path: "web.tar",
    images: [reference()],
    manifest: true,
    ...more,
  });
  const sha256 = () => createHash("sha256").update(readFileSync(file())).digest("hex");
  const inode = (ending = "") => statSync(file(ending), { bigint: true }).ino;
  const mode = (ending = "") => statSync(file(ending)).mode & 0o777;
  const all = ["web.tar", "web.tar.json", "web.tar.sha256"];
  const files = () => readdirSync(world.folder).sort();
  const entries = () => (JSON.parse(text(".json")) as { images: readonly ManifestEntry[] }).images;

  type Engine = ReturnType<ArchiveWorld["pulumi"]>;
  async function written(args = archive()): Promise<Engine> {
    const pulumi = world.pulumi();
    await pulumi.up(args);
    return pulumi;
  }

  /** Whatever `work` does, the archive stays byte for byte where it is, and no source is asked for any. */
  async function keepsTheArchive(work: () => Promise<void>): Promise<void> {
    const before = [inode(), sha256(), statSync(file(), { bigint: true }).mtimeNs];
    world.sandbox.requests.clear();
    await work();
    assert.deepEqual([inode(), sha256(), statSync(file(), { bigint: true }).mtimeNs], before);
    const blobs = world.sandbox.requests
      .matching({ server: "open" })
      .filter(({ path }) => /blobs/.test(path));
    assert.deepEqual(blobs, []);
  }

  const damages: readonly (readonly [string, RegExp, (path: string) => void])[] = [
    ["gone", /is gone/, unlinkSync],
    ["longer", /was changed outside of Pulumi/, (path) => appendFileSync(path, "x")],
    ["other text of the same length", /was changed outside of Pulumi/, flipByte],
    [
      "a folder",
      /is a directory now/,
      (path) => {
        unlinkSync(path);
        mkdirSync(path);
      },
    ],
  ];
  for (const ending of endings) {
    for (const [title, problem, spoil] of damages) {
      it(`are written again alone: ${ending} that is ${title}`, async () => {
        const pulumi = await written();
        const other = endings.find((each) => each !== ending)!;
        const [before, untouched] = [text(ending), inode(other)];
        await keepsTheArchive(async () => {
          spoil(file(ending));
          const preview = await pulumi.preview(archive());
          assert.deepEqual([preview.step, contentIn(preview.inputs).action], ["update", "keep"]);
          const warnings = pulumi.lines.filter((line) => line.startsWith("warning"));
          assert.deepEqual(warnings.length, 1, warnings.join("\n"));
          assert.match(
            warnings[0]!,
            new RegExp(`web\\.tar\\${ending} ${problem.source}; it will be written again`),
          );
          assert.deepEqual(files(), title === "gone" ? all.filter((name) => !name.endsWith(ending)) : all);

          if (title === "a folder") {
            await assert.rejects(pulumi.up(archive()), /ARCHIVE_PATH/);
            rmSync(file(ending), { recursive: true });
          }
          await pulumi.up(archive());
          assert.deepEqual([text(ending), inode(other)], [before, untouched]);
          assert.ok(pulumi.lines.includes(`info: wrote web.tar${ending}`), pulumi.lines.join("\n"));
          assert.equal((await pulumi.preview(archive())).step, "same");
        });
      });
    }
  }

  it("are written again without asking the archive's source", async () => {
    const pulumi = await written();
    const before = text(".json");
    for (const ending of endings) unlinkSync(file(ending));
    world.sandbox.faults.add({ server: "open", effect: { kind: "cut", when: "before" }, times: 0 });
    await pulumi.up(archive());
    assert.equal(text(".json"), before);
    assert.deepEqual(files(), all);
  });

  it("may be missing where a missing file is to be ignored, but are rewritten when somebody has changed them", async () => {
    const args = archive({ onMissing: "ignore" });
    const pulumi = await written(args);
    unlinkSync(file(".json"));
    assert.equal((await pulumi.preview(args)).step, "same");
    await pulumi.up({ ...args, fileMode: "0640" });
    assert.deepEqual(files(), ["web.tar", "web.tar.sha256"]);

    appendFileSync(file(".sha256"), "x");
    const again = { ...args, fileMode: "0640" };
    assert.equal((await pulumi.preview(again)).step, "update");
    await pulumi.up(again);
    assert.equal(text(".sha256"), `${sha256()}  web.tar\n`);
  });

  it("are not written again because of other times or another inode", async () => {
    const pulumi = await written();
    for (const ending of endings) {
      copyFileSync(file(ending), file(`${ending}.copy`));
      renameSync(file(`${ending}.copy`), file(ending));
      utimesSync(file(ending), 1, 1);
    }
    assert.equal((await pulumi.preview(archive())).step, "same");
    await pulumi.up(archive({ fileMode: "0640" }));
    await pulumi.destroy();
    assert.deepEqual(files(), [], "they are the resource's own again");
  });

  it("are read to the last byte with verify: digest", async () => {
    const [cheap, careful] = [archive({ fileMode: "0640" }), archive({ fileMode: "0640", verify: "digest" })];
    const pulumi = await written();
    utimesSync(file(".json"), 1000, 1000);
    await pulumi.up(cheap);
    flipByte(file(".json"));
    utimesSync(file(".json"), 1000, 1000);
    assert.equal((await pulumi.preview(cheap)).step, "same", "nothing shows from outside");
    await pulumi.up(careful);
    assert.ok(entries().length > 0, "it was written again with the change of the argument");
    flipByte(file(".json"));
    assert.equal((await pulumi.preview(careful)).step, "update");
  });

  it("are written again with an archive that somebody has changed, which is read anew", async () => {
    const pulumi = await written();
    const before = [sha256(), ...endings.map(text)];
    appendFileSync(file(), "x");
    unlinkSync(file(".json"));
    await pulumi.up(archive());
    assert.deepEqual([sha256(), ...endings.map(text)], before);
    assert.equal((await pulumi.preview(archive())).step, "same");
  });

  it("have the archive's permissions, and a change of permissions writes no content", async () => {
    const pulumi = await written();
    assert.deepEqual(["", ...endings].map(mode), [0o600, 0o600, 0o600]);
    const before = endings.map(inode);
    await keepsTheArchive(async () => {
      await pulumi.up(archive({ fileMode: "0640" }));
      assert.deepEqual(["", ...endings].map(mode), [0o640, 0o640, 0o640]);
      assert.deepEqual(endings.map(inode), before);
      assert.equal((await pulumi.preview(archive({ fileMode: "0640" }))).step, "same");
    });
  });

  it("stay when a refresh finds the archive missing, which is written again", async () => {
    const pulumi = await written();
    const before = sha256();
    unlinkSync(file());
    await pulumi.refresh();
    const preview = await pulumi.preview(archive());
    assert.deepEqual([preview.failures, contentIn(preview.inputs).reason], [[], "the file is gone"]);
    await pulumi.up(archive());
    assert.deepEqual([sha256(), files()], [before, all]);
    for (const name of ["", ...endings]) unlinkSync(file(name));
    assert.equal(await pulumi.refresh(), "delete", "nothing is left of it");
  });

  describe("asked for later", () => {
    it("are written without a new archive", async () => {
      const pulumi = await written(archive({ manifest: false }));
      await keepsTheArchive(async () => {
        const preview = await pulumi.preview(archive());
        const { action, reason } = contentIn(preview.inputs);
        assert.deepEqual(
          [preview.step, action, reason],
          ["update", "keep", "its images are the same; its mapping and checksum are to be written"],
        );
        await pulumi.up(archive());
      });
      assert.equal(text(".sha256"), `${sha256()}  web.tar\n`);
      assert.equal((await pulumi.preview(archive())).step, "same");
      await world.pulumi("other").up(archive({ path: "other.tar" }));
      const other = readFileSync(join(world.folder, "other.tar.json"), "utf8");
      assert.equal(text(".json"), other.replace("other.tar", "web.tar"), "as if they had come with it");
      await pulumi.destroy();
      assert.deepEqual(
        readdirSync(world.folder).filter((name) => name.startsWith("web")),
        [],
      );
    });

    it("do not overwrite somebody else's file", async () => {
      const pulumi = await written(archive({ manifest: false }));
      writeFileSync(file(".sha256"), "precious");
      const preview = await pulumi.preview(archive());
      assert.match(preview.failures.join(), /web\.tar\.sha256 exists.*ARCHIVE_UNMANAGED/);
      await assert.rejects(pulumi.up(archive()), /ARCHIVE_UNMANAGED/);
      assert.deepEqual([text(".sha256"), files()], ["precious", ["web.tar", "web.tar.sha256"]]);

      await keepsTheArchive(async () => {
        await pulumi.up(archive({ overwriteUnmanaged: true }));
      });
      assert.equal(text(".sha256"), `${sha256()}  web.tar\n`);
    });

    it("are written at a new path together with the archive, in a folder that is made on request", async () => {
      const args = { path: "out/web.tar", onMissing: "ignore", createDirectories: true };
      const pulumi = await written(archive({ ...args, manifest: false }));
      rmSync(join(world.folder, "out"), { recursive: true });
      await pulumi.up(archive(args));
      assert.deepEqual(readdirSync(join(world.folder, "out")).sort(), ["web.tar.json", "web.tar.sha256"]);
      assert.equal((await pulumi.preview(archive(args))).step, "same");
    });
  });

  describe("not asked for any more", () => {
    it("are deleted without a new archive", async () => {
      const pulumi = await written();
      const args = archive({ manifest: false });
      await keepsTheArchive(async () => {
        const { step, inputs } = await pulumi.preview(args);
        assert.deepEqual(
          [step, contentIn(inputs).reason],
          ["update", "its images are the same; its mapping and checksum are to be removed"],
        );
        assert.deepEqual(files(), all);
        await pulumi.up(args);
      });
      assert.deepEqual(files(), ["web.tar"]);
      assert.equal((await pulumi.preview(args)).step, "same");
    });

    it("are kept with a warning where somebody has changed them", async () => {
      const pulumi = await written();
      appendFileSync(file(".json"), "\n");
      await pulumi.up(archive({ manifest: false }));
      assert.deepEqual(files(), ["web.tar", "web.tar.json"]);
      assert.ok(pulumi.lines.some((line) => /^warning: web\.tar\.json stays: changed/.test(line)));
      assert.equal((await pulumi.preview(archive({ manifest: false }))).step, "same");
    });
  });

  describe("of an archive that is taken over", () => {
    beforeEach(() => written(archive({ onDestroy: "keep" })));

    it("are overwritten only where overwriteUnmanaged asks for it", async () => {
      writeFileSync(file(".json"), "precious");
      await assert.rejects(world.pulumi("second").up(archive()), /web\.tar\.json.*ARCHIVE_UNMANAGED/);
      assert.equal(text(".json"), "precious");

      const pulumi = world.pulumi("second");
      await pulumi.up(archive({ overwriteUnmanaged: true }));
      assert.equal(entries()[0]?.source, reference());
      assert.equal((await pulumi.preview(archive({ overwriteUnmanaged: true }))).step, "same");
    });
  });

  describe("name what is in the archive", () => {
    const image = (more: object = {}) => ({ registry: `${world.host}/acme/multi:v1`, ...more });
    let whole: string;

    beforeEach(() => {
      const published = world.sandbox.registry().publishIndex("acme/multi", "v1", [amd64, arm64, s390x]);
      whole = published.digest;
    });

    /** The digest of the archive's only image. */
    async function archived(): Promise<string> {
      const index = jsonMember(await tarMembers(readFileSync(file())), "index.json");
      const { manifests } = index as { manifests: readonly { digest: string }[] };
      assert.equal(manifests.length, 1);
      return manifests[0]!.digest;
    }

    it("name the source's digest for all platforms", async () => {
      await written(archive({ images: [image()] }));
      assert.deepEqual([entries()[0]?.digest, Object.hasOwn(entries()[0]!, "sourceDigest")], [whole, false]);
      assert.equal(await archived(), whole);
    });

    for (const platforms of [["linux/arm64"], ["linux/amd64", "linux/s390x"]]) {
      it(`name the source's digest beside that of ${platforms.join(" and ")}`, async () => {
        const args = archive({ images: [image({ platforms, as: "acme/chosen:1" })] });
        const pulumi = await written(args);
        const [entry] = entries();
        assert.notEqual(entry?.digest, whole);
        assert.deepEqual(entry, {
          source: `${world.host}/acme/multi:v1`,
          digest: await archived(),
          sourceDigest: whole,
          tags: ["acme/chosen:1"],
          platforms,
        });
        const { images } = pulumi.state!.outputs.content as unknown as ArchiveContent;
        const [content] = Object.values(images);
        assert.deepEqual(content?.digestChanges, `${whole} becomes ${entry.digest}`);
      });
    }

    it("name the content of an archive whose state is an older one, with texts in place of fields", async () => {
      const args = archive({ images: [image({ platforms: ["linux/arm64"] })] });
      const pulumi = await written(args);
      const before = entries();
      for (const bag of [pulumi.state!.inputs, pulumi.state!.outputs]) {
        for (const each of Object.values(contentIn(bag).images)) {
          delete (each as { -readonly [Key in keyof ContentImage]: ContentImage[Key] }).archivedDigest;
        }
      }
      assert.equal((await pulumi.preview(args)).step, "same");
      unlinkSync(file(".json"));
      await pulumi.up(args);
      assert.deepEqual(entries(), before);
      world.sandbox.requests.clear();
      assert.equal((await pulumi.preview(args)).step, "same");
      const asked = world.sandbox.requests.matching({ server: "open" }).map(({ method }) => method);
      assert.deepEqual(
        asked.filter((method) => method === "GET"),
        [],
        "it need not be looked at again",
      );
    });
  });
});

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  bytes[10] = (bytes[10] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}
