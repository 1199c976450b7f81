import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createArchiveHandler } from "../../../provider/archive/handler.js";
import { createFileClaims } from "../../../provider/support/files/claims.js";
import { repositoryRoot } from "../../support/repositoryRoot.js";
import { type ArchiveWorld, startArchiveWorld } from "../../support/worlds/archive.js";
import { type PruneWorld, startPruneWorld } from "../../support/worlds/prune.js";

const longName = "x".repeat(300);

interface Way {
  readonly what: string;
  /** In the folder of the program, without the ending that the argument wants. */
  readonly path: string;
  readonly says: RegExp;
}

/** What may stand in the way of any file; made by `prepare`. */
const ways: readonly Way[] = [
  { what: "a folder", path: "folder", says: /is a directory, not a file/ },
  { what: "a pipe", path: "pipe", says: /is a pipe, not a file/ },
  { what: "a socket", path: "socket", says: /is a socket, not a file/ },
  { what: "a device", path: "/dev/null", says: /is a device, not a file/ },
  {
    what: "a link to nothing",
    path: "dangling",
    says: /is a symlink to something that does not exist/,
  },
  { what: "a file above it", path: "file/out", says: /lies below \S+file, which is a file/ },
  { what: "a file further above it", path: "file/a/b", says: /lies below \S+file, which is a file/ },
  {
    what: "a link to nothing above it",
    path: "dangling/out",
    says: /lies behind \S+dangling, a symlink/,
  },
  { what: "a name that is too long", path: longName, says: /so long a name|a name that is too long/ },
  { what: "a place in /proc", path: "/proc/out", says: /where the system shows itself/ },
  { what: "the kernel's log", path: "/proc/kmsg", says: /where the system shows itself/ },
  { what: "a place in /sys", path: "/sys/out", says: /where the system shows itself/ },
  { what: "a place in /dev", path: "/dev/out", says: /where the system shows itself/ },
];

/** The same with the ending that the argument wants, where the thing itself must have it. */
function prepare(folder: string, ending: string): Promise<Server> {
  mkdirSync(join(folder, `folder${ending}`));
  execFileSync("mkfifo", [join(folder, `pipe${ending}`)]);
  for (const name of new Set([`dangling${ending}`, "dangling"])) {
    symlinkSync(join(folder, "nothing"), join(folder, name));
  }
  writeFileSync(join(folder, "file"), "somebody's");
  const server = createServer();
  return new Promise((resolve) => server.listen(join(folder, `socket${ending}`), () => resolve(server)));
}

describe("a file in the way of an archive", () => {
  let world: ArchiveWorld;
  let server: Server;
  beforeEach(async () => {
    world = await startArchiveWorld();
    world.publish("v1");
    server = await prepare(world.folder, "");
  });
  afterEach(async () => {
    server.close();
    await world.close();
  });

  const archive = (path: string, more: object = {}) => ({
    path,
    images: [`${world.host}/acme/web:v1`],
    createDirectories: true,
    ...more,
  });

  for (const { what, path, says } of ways) {
    it(`is found by the preview, with its reason: ${what}`, async () => {
      const { failures } = await world.pulumi().preview(archive(path));

      assert.equal(failures.length, 1, "a failure");
      assert.match(failures[0] ?? "", says);
      assert.match(failures[0] ?? "", /^(?:path: |Looking at the archive ).*\[ARCHIVE_PATH\]$/s);
      await assert.rejects(world.pulumi().up(archive(path)), says);
    });
  }

  it("is no reason against an archive that is not written", async () => {
    const pulumi = world.pulumi();
    await pulumi.up(archive("out/web.tar"));
    chmodSync(join(world.folder, "out"), 0o555);
    try {
      assert.equal((await pulumi.preview(archive("out/web.tar"))).step, "same");
    } finally {
      chmodSync(join(world.folder, "out"), 0o755);
    }
  });

  it("is found by the preview when it is another archive of the program, however both spell it", async () => {
    const pulumi = world.oneProcess();
    await pulumi("a").preview(archive("out/web.tar", { manifest: true }));
    mkdirSync(join(world.folder, "out"));
    symlinkSync(join(world.folder, "out"), join(world.folder, "link"));
    for (const path of ["out/web.tar", "./out/../out/web.tar", "out/web.tar.json"]) {
      const { failures } = await pulumi("b").preview(archive(path));
      assert.match(
        failures.join(),
        /^path: .* is also written by the resource "a" of this program.*\[ARCHIVE_PATH\]$/,
      );
    }
    assert.deepEqual((await pulumi("b").preview(archive("out/other.tar"))).failures, []);
    assert.deepEqual((await pulumi("a").preview(archive("out/web.tar"))).failures, []);
  });
});

describe("a file in the way of a plan report", () => {
  let world: PruneWorld;
  let server: Server;
  beforeEach(async () => {
    world = await startPruneWorld();
    for (const days of [60, 50]) world.push("shop/web:latest", `content ${days}`, days);
    world.runPod("other", "quay.io/acme/other:1");
    server = await prepare(world.folder, ".json");
    world.beginRun();
  });
  afterEach(async () => {
    server.close();
    await world.close();
  });

  const policy = (more: object) => ({
    connection: world.connection,
    keepTagRevisions: 1,
    limits: { fraction: 1 },
    ...more,
  });
  const named = (path: string) =>
    path === "/dev/null" || path === "/proc/kmsg" ? undefined : `${path}.json`;

  for (const { what, path, says } of ways) {
    const file = named(path);
    if (file === undefined) continue;
    it(`is found by the preview before the cluster is read: ${what}`, async () => {
      world.sandbox.requests.clear();
      const { failures } = await world.pulumi().preview(policy({ planReport: file }));

      assert.match(failures.join(), says);
      assert.match(failures.join(), /^planReport: .*\[REPORT_NOT_WRITTEN\]$/s);
      assert.deepEqual(world.sandbox.requests.matching({ path: /pods/ }), []);
    });
  }

  const others: readonly (readonly [what: string, name: string, text: string])[] = [
    ["JSON of another kind", "package.json", '{ "name": "shop", "items": [], "fingerprint": "x" }'],
    ["text that is no JSON", "notes.json", "{ not json"],
    ["Markdown", "README.md", "# Shop\n\n## Prune plan `x`\n"],
    ["a page", "index.html", "<!doctype html><title>Shop</title>"],
    ["an empty file", "empty.md", ""],
  ];
  for (const [what, name, text] of others) {
    it(`is never overwritten when it is no report: ${what}`, async () => {
      writeFileSync(join(world.folder, name), text);
      const { failures } = await world.pulumi().preview(policy({ planReport: name }));

      assert.match(
        failures.join(),
        /the file that stands there is no plan report, and is never overwritten\. .*move away/,
      );
      assert.equal(readFileSync(join(world.folder, name), "utf8"), text);
    });
  }

  for (const ending of ["json", "md", "html"]) {
    it(`is written over when it is a report, of an older version too: .${ending}`, async () => {
      const path = join(world.folder, `plan.${ending}`);
      const args = policy({ planReport: `plan.${ending}` });
      const pulumi = world.pulumi();
      const writes = async () => assert.deepEqual((await pulumi.preview(args)).failures, []);
      await writes();
      await writes();
      const older = readFileSync(path, "utf8").replace(/<meta name="generator"[^>]*>\n/, "");
      writeFileSync(path, older);
      await writes();
      if (ending === "html") assert.notEqual(readFileSync(path, "utf8"), older);
      if (ending === "json") writeFileSync(path, JSON.stringify(JSON.parse(older)));
      await writes();
    });
  }

  it("is followed when it is a link to a report", async () => {
    const pulumi = world.pulumi();
    await pulumi.preview(policy({ planReport: "plan.md" }));
    symlinkSync("plan.md", join(world.folder, "latest.md"));
    const older = readFileSync(join(world.folder, "plan.md"), "utf8").replace("shop/web", "shop/old");
    writeFileSync(join(world.folder, "plan.md"), older);

    assert.deepEqual((await pulumi.preview(policy({ planReport: "latest.md" }))).failures, []);
    assert.match(readFileSync(join(world.folder, "plan.md"), "utf8"), /shop\/web/);
  });

  it("is found by the preview when it is another policy's report or an archive", async () => {
    const [a, b] = world.together("a", "b");
    const report = { mode: "report", planReport: "out/plan.json" };
    await a?.preview(policy(report));
    const second = await b?.preview(policy({ ...report, planReport: "./out/plan.json" }));
    assert.match(
      second?.failures.join() ?? "",
      /^planReport: \.\/out\/plan\.json is also written by the resource "a" of this program/,
    );

    const claims = createFileClaims();
    claims.claim("urn::a", join(world.folder, "out/plan.json"));
    assert.equal(claims.claim("urn::b", join(world.folder, "out/plan.json")), "urn::a");
    assert.ok(createArchiveHandler({ baseFolder: world.folder, claims }));
  });

  const approvals: readonly Way[] = [
    { what: "nothing", path: "missing.json", says: /missing\.json cannot be read: it does not exist/ },
    { what: "a folder", path: "folder.json", says: /is a directory, not a file/ },
    { what: "a pipe", path: "pipe.json", says: /is a pipe, not a file/ },
    { what: "a socket", path: "socket.json", says: /is a socket, not a file/ },
    { what: "a link to nothing", path: "dangling.json", says: /does not exist/ },
    { what: "a file above it", path: "file/plan.json", says: /lies below something that is no folder/ },
    { what: "a name that is too long", path: `${longName}.json`, says: /name that is too long/ },
    { what: "a link to the kernel's log", path: "kmsg.json", says: /where the system shows itself/ },
  ];
  for (const { what, path, says } of approvals) {
    it(`says why it cannot be the approvedPlan, and does not wait for it: ${what}`, async () => {
      symlinkSync("/proc/kmsg", join(world.folder, "kmsg.json"));
      const { failures } = await world.pulumi().preview(policy({ approvedPlan: path }));

      assert.match(failures.join(), says);
      assert.match(failures.join(), /^approvedPlan: .*Nothing was planned \[PRUNE_NOT_APPROVED\]$/s);
    });
  }

  it("is refused as approval however it is spelt, when planReport writes it", async () => {
    const { failures } = await world
      .pulumi()
      .preview(policy({ planReport: "plan.json", approvedPlan: "./plan.json" }));
    assert.match(failures.join(), /every plan would approve itself/);
  });
});

describe("findObstacle", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "obstacles-"));
    chmodSync(folder, 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** As a user without rights: root may write everywhere. */
  function asNobody(call: string): string {
    const module = join(repositoryRoot, "dist/provider/support/files/place.js");
    const script = `const place = require(${JSON.stringify(module)}); Promise.resolve(${call}).then((found) => console.log(JSON.stringify(found)))`;
    const isRoot = process.getuid?.() === 0;
    const user = isRoot ? { uid: 65534, gid: 65534 } : {};
    return execFileSync(process.execPath, ["-e", script], { ...user, encoding: "utf8", cwd: "/" });
  }

  it("finds a folder where this user may not write, and a file that he may not read", () => {
    const closed = join(folder, "closed");
    mkdirSync(closed, { mode: 0o555 });
    writeFileSync(join(folder, "secret"), "x", { mode: 0o000 });

    assert.match(
      asNobody(`place.findObstacle(${JSON.stringify(join(closed, "a.tar"))}, { makesFolders: true })`),
      /"refused".*where this user may not write/,
    );
    assert.match(
      asNobody(`place.readTextFile(${JSON.stringify(join(folder, "secret"))})`),
      /may not be read by this user/,
    );
    assert.equal(existsSync(join(closed, "a.tar")), false);
  });
});
