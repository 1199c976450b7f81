import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunPreview } from "../../../../provider/lifecycle/cli/arguments.js";
import { createHandOver } from "../../../../provider/lifecycle/cli/handOver.js";
import { findCliRun, stateOfRun } from "../../../../provider/lifecycle/cli/run.js";

describe("hand-over from preview to update", () => {
  let folder: string;
  beforeEach(() => (folder = join(mkdtempSync(join(tmpdir(), "hand-over-")), "plans")));
  afterEach(() => rmSync(join(folder, ".."), { recursive: true, force: true }));

  const inRun = (name: string | undefined, preview: RunPreview = "shown") =>
    createHandOver(folder, () => Promise.resolve(name === undefined ? undefined : { name, preview }));
  const ownRun = () => {
    const stat = readFileSync("/proc/self/stat", "utf8");
    const start = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
    const namespace = /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "";
    return Promise.resolve(`${process.pid}-${start}-${namespace}`);
  };

  it("gives the preview's record to the update of the same run, readable by this user only", async () => {
    const run = await ownRun();
    assert.equal(await inRun(run).leave("urn:a", { images: 2 }), true);

    assert.deepEqual(await inRun(run).find("urn:a"), { kind: "found", value: { images: 2 } });
    assert.deepEqual(await inRun(run).find("urn:b"), { kind: "nothing", preview: "shown" });
    const [file = ""] = readdirSync(folder);
    assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
  });

  it("gives nothing to another run, and deletes the records of runs that have ended", async () => {
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, "1999999-1.abc.json"), "{}");
    const run = await ownRun();
    await inRun(run).leave("urn:a", {});

    assert.deepEqual(await inRun("1999999-1").find("urn:a"), { kind: "nothing", preview: "shown" });
    assert.equal(existsSync(join(folder, "1999999-1.abc.json")), false);
    assert.equal(readdirSync(folder).length, 1);
  });

  it("keeps records of runs in other containers with the same folder for a week", async () => {
    mkdirSync(folder, { mode: 0o700 });
    for (const name of ["7-1-99.new.json", "7-1-99.old.json"]) writeFileSync(join(folder, name), "{}");
    utimesSync(join(folder, "7-1-99.old.json"), 0, 0);
    await inRun(await ownRun()).leave("urn:a", {});

    assert.equal(existsSync(join(folder, "7-1-99.new.json")), true);
    assert.equal(existsSync(join(folder, "7-1-99.old.json")), false);
  });

  it("is unavailable where the CLI is not found", async () => {
    assert.equal(await inRun(undefined).leave("urn:a", {}), false);
    assert.deepEqual(await inRun(undefined).find("urn:a"), { kind: "unavailable" });
    assert.equal(existsSync(folder), false);
  });

  it("trusts no folder that others can write", async () => {
    mkdirSync(folder);
    chmodSync(folder, 0o777);

    await assert.rejects(inRun(await ownRun()).leave("urn:a", {}), /only this user can write/);
    await assert.rejects(inRun(await ownRun()).find("urn:a"), /only this user can write/);
  });

  it("names what to do where the folder for temporary files cannot be written", async () => {
    writeFileSync(join(folder, "..", "file"), "");
    const name = await ownRun();
    const below = createHandOver(join(folder, "..", "file", "plans"), () =>
      Promise.resolve({ name, preview: "shown" }),
    );

    await assert.rejects(
      below.leave("urn:a", {}),
      /Set TMPDIR to a folder that this user can write \[HAND_OVER_UNSAFE\]/,
    );
  });

  it("reports the CLI's flags about a preview where no record was made, or it has vanished", async () => {
    const run = await ownRun();
    assert.deepEqual(await inRun(run, "skipped").find("urn:a"), { kind: "nothing", preview: "skipped" });
    await inRun(run).leave("urn:a", {});
    rmSync(folder, { recursive: true });
    assert.deepEqual(await inRun(run).find("urn:a"), { kind: "nothing", preview: "shown" });
  });

  it("reports why a record cannot be read, and never fails because of it", async () => {
    const run = await ownRun();
    await inRun(run).leave("urn:a", { images: 2 });
    const [file = ""] = readdirSync(folder);
    for (const text of ["", '{"images": 2', "\0\0"]) {
      writeFileSync(join(folder, file), text);
      assert.deepEqual(await inRun(run).find("urn:a"), { kind: "unreadable", why: "is damaged" });
    }
    rmSync(join(folder, file));
    mkdirSync(join(folder, file));
    const found = await inRun(run).find("urn:a");
    assert.match(found.kind === "unreadable" ? found.why : "", /^cannot be read \(EISDIR/);
  });

  it("finds no CLI above a test, and knows which processes run", async () => {
    assert.equal(await findCliRun(), undefined);
    assert.equal(await stateOfRun(await ownRun()), "running");
    assert.equal(await stateOfRun(`${process.pid}-1`), "ended");
    assert.equal(await stateOfRun("1999999-1"), "ended");
    assert.equal(await stateOfRun(`${process.pid}-1-7`), "elsewhere");
  });
});
