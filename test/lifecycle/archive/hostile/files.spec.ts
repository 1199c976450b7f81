import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { type HostileArchives, startHostileArchives } from "../../../support/worlds/hostileArchives.js";

const nobody = 65534;
const long = (bytes: number) => `${"x".repeat(bytes - 4)}.tar`;

describe("ImageArchive at a path", () => {
  let archives: HostileArchives;
  const { file, list, args, pulumi } = {
    file: (name?: string) => archives.file(name),
    list: () => archives.list(),
    args: (more?: object) => archives.args(more),
    pulumi: (name?: string) => archives.pulumi(name),
  };
  beforeEach(async () => {
    archives = await startHostileArchives();
    publish("old");
  });
  afterEach(() => archives.close());

  const publish = (content: string) => {
    const { shelf } = archives.server;
    shelf.image("acme/web:v1", undefined, { layers: [shelf.blob(content)] });
  };

  /** As somebody without rights: root may everything. */
  async function asNobody<Result>(work: () => Promise<Result>): Promise<Result> {
    const user = process.geteuid?.();
    await pulumi().preview(args()); // what is loaded lazily may be for root alone
    if (user !== 0) return await work();
    process.seteuid?.(nobody);
    try {
      return await work();
    } finally {
      process.seteuid?.(user);
    }
  }

  describe("that cannot be one is refused before anything is written:", () => {
    const refused: readonly (readonly [string, string, () => unknown, RegExp])[] = [
      ["a folder by its slash", "out/", () => undefined, /^path: names a folder/],
      ["the project itself", ".", () => undefined, /is a directory.*ARCHIVE_PATH/],
      ["what is above it", "..", () => undefined, /is a directory.*ARCHIVE_PATH/],
      ["the same in other words", "a/..", () => undefined, /is a directory.*ARCHIVE_PATH/],
      ["a device", "/dev/full", () => undefined, /not a file.*ARCHIVE_PATH/],
      ["a pipe", "web.tar", () => execFileSync("mkfifo", [file()]), /not a file.*ARCHIVE_PATH/],
      ["a link to nothing", "web.tar", () => symlinkSync("x", file()), /is a symlink.*ARCHIVE_PATH/],
      ["below a link to itself", "l/web.tar", () => symlinkSync("l", file("l")), /ELOOP.*ARCHIVE_FILE/],
      ["a name of 256 bytes", long(256), () => undefined, /ENAMETOOLONG.*ARCHIVE_PATH/],
      ["a path of 5000", `${"x/".repeat(2500)}web.tar`, () => undefined, /ENAMETOOLONG.*ARCHIVE_PATH/],
    ];
    for (const [what, path, make, message] of refused) {
      it(what, async () => {
        make();
        const before = list();
        for (const more of [{ path }, { path, overwriteUnmanaged: true }]) {
          assert.match((await pulumi().preview(args(more))).failures.join(), message);
          await assert.rejects(pulumi().up(args(more)));
        }
        assert.deepEqual(list(), before);
      });
    }

    it("a name that leaves no room for those of sidecar files", async () => {
      const more = { path: long(250), manifest: true };
      assert.match((await pulumi().preview(args(more))).failures.join(), /sha256 failed: .*ENAMETOOLONG/);
      await pulumi().up(args({ path: long(250) }));
    });
  });

  describe("that is odd is just that file:", () => {
    const odd = [
      ...["bündel 日本.tar", " leading", "a b.tar", "tab\t.tar", "-rf", "$(x)`y`.tar", "back\\slash.tar"],
      ...["..tar", ".hidden", "%2e%2e", "e\u0301.tar", `${"😀".repeat(40)}.tar`, "a\u001b[31m.tar"],
    ];
    for (const path of odd) {
      it(JSON.stringify(path), async () => {
        const resource = pulumi();
        await resource.up(args({ path, manifest: true }));
        assert.deepEqual(list(), [path, `${path}.json`, `${path}.sha256`].sort());
        execFileSync("sha256sum", ["--check", "--", `${path}.sha256`], { cwd: archives.folder });
        const { archive } = JSON.parse(readFileSync(file(`${path}.json`), "utf8")) as { archive: string };
        assert.equal(archive, path);
        assert.equal((await resource.preview(args({ path, manifest: true }))).step, "same");
        await resource.destroy();
        assert.deepEqual(list(), []);
      });
    }

    it("a name with a line break, and one of 255 bytes", async () => {
      for (const path of ["new\nline.tar", long(255)]) {
        const resource = pulumi(path);
        await resource.up(args({ path }));
        assert.deepEqual(list(), [path]);
        await resource.destroy();
      }
    });
  });

  describe("whose folder", () => {
    for (const [what, mode, message] of [
      ["cannot be looked into", 0o000, /Looking at the archive .*lacks the right.*ARCHIVE_PATH/],
      ["cannot be written to", 0o555, /Writing the archive .*lacks the right.*ARCHIVE_PATH/],
      ["cannot be listed", 0o333, /Writing the archive .*lacks the right.*ARCHIVE_PATH/],
    ] as const) {
      it(`names ${what}, with the right that is missing`, async () => {
        mkdirSync(file("out"));
        chmodSync(archives.folder, 0o755);
        chmodSync(file("out"), mode);
        await asNobody(() => assert.rejects(pulumi().up(args({ path: "out/web.tar" })), message));
        chmodSync(file("out"), 0o700);
        assert.deepEqual(list(), ["out"]);
        assert.equal(statSync(file("out")).nlink, 2);
      });
    }

    it("names a folder that cannot be made", async () => {
      chmodSync(archives.folder, 0o555);
      const more = { path: "out/web.tar", createDirectories: true };
      await asNobody(() => assert.rejects(pulumi().up(args(more)), /mkdir.*ARCHIVE_PATH/));
      chmodSync(archives.folder, 0o700);
    });

    it("follows a link to the folder, and a folder that has become a link", async () => {
      mkdirSync(file("real"));
      symlinkSync("real", file("link"));
      const resource = pulumi();
      await resource.up(args({ path: "link/web.tar" }));
      assert.ok(statSync(file("real/web.tar")).isFile());
      renameSync(file("real"), file("moved"));
      symlinkSync("moved", file("real"));
      assert.equal((await resource.preview(args({ path: "link/web.tar" }))).step, "same");
    });

    it("takes a link to nothing for no folder", async () => {
      symlinkSync("real", file("link"));
      for (const createDirectories of [false, true]) {
        const more = { path: "link/web.tar", createDirectories };
        await assert.rejects(pulumi().up(args(more)), /ARCHIVE_(?:PATH|FILE)/);
      }
      assert.deepEqual(list(), ["link"]);
    });
  });

  describe("where there is something already", () => {
    it("keeps the content that another hard link of the file has", async () => {
      const resource = pulumi();
      await resource.up(args());
      linkSync(file(), file("other"));
      const before = archives.sha256();
      publish("new");
      await resource.up(args());
      assert.equal(archives.sha256("other"), before);
      assert.notEqual(archives.sha256(), before);
      await resource.destroy();
      assert.deepEqual(list(), ["other"]);
    });

    it("replaces its own file although that is read-only", async () => {
      const resource = pulumi();
      await resource.up(args({ fileMode: "0400" }));
      const before = archives.sha256();
      publish("new");
      await resource.up(args({ fileMode: "0400" }));
      assert.notEqual(archives.sha256(), before);
      assert.equal(statSync(file()).mode & 0o777, 0o400);
    });

    it("does not move to a path where somebody else's file is", async () => {
      const resource = pulumi();
      await resource.up(args());
      writeFileSync(file("other.tar"), "precious");
      await assert.rejects(resource.up(args({ path: "other.tar" })), /ARCHIVE_UNMANAGED/);
      assert.deepEqual(list(), ["other.tar", "web.tar"]);
      assert.equal(readFileSync(file("other.tar"), "utf8"), "precious");
    });

    it("keeps its file when the path is only spelt another way", async () => {
      const resource = pulumi();
      await resource.up(args());
      const before = archives.sha256();
      await resource.up(args({ path: "./web.tar" }));
      assert.deepEqual(list(), ["web.tar"]);
      assert.equal(archives.sha256(), before);
      assert.equal((await resource.preview(args({ path: "./web.tar" }))).step, "same");
    });

    it("never writes through links in place of sidecar files", async () => {
      for (const name of [".web.tar.lock", "web.tar.json"]) {
        writeFileSync(file("precious"), "precious");
        utimesSync(file("precious"), 1, 1);
        symlinkSync("precious", file(name));
      }
      const more = { manifest: true, overwriteUnmanaged: true };
      await assert.rejects(pulumi().up(args(more)), /is a symlink.*ARCHIVE_PATH/);
      assert.equal(readFileSync(file("precious"), "utf8"), "precious");
    });
  });

  for (const [umask, folder] of [
    [0o077, 0o700],
    [0o000, 0o777],
  ] as const) {
    it(`gives the file the permissions of the arguments, whatever the umask is: ${umask.toString(8)}`, async () => {
      const before = process.umask(umask);
      try {
        const more = { path: "out/web.tar", createDirectories: true, manifest: true, fileMode: "0640" };
        await pulumi().up(args(more));
      } finally {
        process.umask(before);
      }
      const modes = ["out", "out/web.tar", "out/web.tar.json", "out/web.tar.sha256"].map(
        (name) => statSync(file(name)).mode & 0o777,
      );
      assert.deepEqual(modes, [folder, 0o640, 0o640, 0o640]);
    });
  }

  it("works with a clock that goes backwards", async () => {
    const resource = pulumi();
    await resource.up(args());
    const { now } = Date;
    Date.now = () => now() - 3_600_000;
    try {
      assert.equal((await resource.preview(args())).step, "same");
      publish("new");
      await resource.up(args());
      assert.equal((await resource.preview(args())).step, "same");
      await resource.destroy();
      assert.deepEqual(list(), []);
    } finally {
      Date.now = now;
    }
  });
});
