import assert from "node:assert/strict";
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileClaims } from "../../../../provider/support/files/claims.js";
import { type FileLook, isSameFile } from "../../../../provider/support/files/sameFile.js";

describe("isSameFile", () => {
  let folder: string;
  const at = (path: string) => join(folder, path);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "same-file-"));
    mkdirSync(at("out"));
    writeFileSync(at("out/plan.json"), "{}");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("recognises a file by a link to it, by links of folders above it, and by hard links", () => {
    symlinkSync("out/plan.json", at("latest.json"));
    symlinkSync("out", at("link"));
    symlinkSync(folder, at("out/up"));
    linkSync(at("out/plan.json"), at("hard.json"));
    for (const other of ["latest.json", "link/plan.json", "out/up/link/plan.json", "hard.json"]) {
      assert.equal(isSameFile(at("out/plan.json"), at(other)), true, other);
      assert.equal(isSameFile(at(other), at("out/plan.json")), true, other);
    }
    writeFileSync(at("out/other.json"), "{}");
    assert.equal(isSameFile(at("out/plan.json"), at("out/other.json")), false);
    assert.equal(isSameFile(at("out/plan.json"), at("link/new.json")), false);
  });

  it("recognises a file that is still to be written below a link, and at its end", () => {
    symlinkSync("out", at("link"));
    symlinkSync("out/later.json", at("latest.json"));
    symlinkSync("latest.json", at("newest.json"));
    symlinkSync("nowhere/deep", at("gone"));
    assert.equal(isSameFile(at("out/later.json"), at("link/later.json")), true);
    assert.equal(isSameFile(at("out/a/b/later.json"), at("link/a/b/later.json")), true);
    assert.equal(isSameFile(at("out/later.json"), at("newest.json")), true);
    assert.equal(isSameFile(at("gone/x.json"), at("nowhere/deep/x.json")), true);
    assert.equal(isSameFile(at("out/later.json"), at("out/latest.json")), false);
  });

  it("ends where links lead back to themselves", () => {
    symlinkSync("b.json", at("a.json"));
    symlinkSync("a.json", at("b.json"));
    assert.equal(isSameFile(at("a.json"), at("out/plan.json")), false);
  });

  it("distinguishes names that differ in case where the file system does, written or not", () => {
    assert.equal(isSameFile(at("out/plan.json"), at("out/Plan.json")), false);
    assert.equal(isSameFile(at("out/new.json"), at("out/New.json")), false);
    assert.equal(isSameFile(at("empty/new.json"), at("empty/New.json")), false);
    assert.equal(isSameFile(at("out/new.json"), at("OUT/new.json")), false);
  });

  /** A disk that keeps what it is given as it is spelt, and finds it however it is spelt. */
  function caseless(...paths: readonly string[]): FileLook {
    const known = ["/", ...paths];
    const find = (path: string) => known.findIndex((each) => each.toLowerCase() === path.toLowerCase());
    return {
      realPath: (path) => (find(path) < 0 ? undefined : path),
      linkAt: () => undefined,
      identity: (path) => (find(path) < 0 ? undefined : String(find(path))),
      namesIn: (place) =>
        known
          .filter((each) => each !== "/" && each.slice(0, each.lastIndexOf("/") || 1) === place)
          .map((each) => each.slice(each.lastIndexOf("/") + 1)),
    };
  }

  it("recognises other spellings where case does not count, written or not", () => {
    const disk = caseless("/Srv", "/Srv/out", "/Srv/out/plan.json", "/Srv/empty", "/Srv/12");
    for (const [a, b] of [
      ["/Srv/out/plan.json", "/srv/OUT/Plan.json"],
      ["/Srv/out/new.json", "/Srv/out/New.json"],
      ["/Srv/out/new.json", "/srv/Out/new.JSON"],
      ["/Srv/empty/new.json", "/Srv/empty/New.json"],
      ["/Srv/12/new.json", "/Srv/12/New.json"],
      ["/Srv/none/new.json", "/Srv/None/new.json"],
      ["/Srv/caf\u00e9.json", "/Srv/cafe\u0301.json"],
    ] as const) {
      assert.equal(isSameFile(a, b, disk), true, `${a} ${b}`);
    }
    assert.equal(isSameFile("/Srv/out/new.json", "/Srv/out/other.json", disk), false);
    assert.equal(isSameFile("/Srv/out/new.json", "/Srv/empty/new.json", disk), false);
  });
});

describe("claims of files", () => {
  let folder: string;
  const at = (path: string) => join(folder, path);
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "file-claims-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("name another resource that writes the file, and never the resource itself", () => {
    const claims = createFileClaims();
    assert.equal(claims.claim("urn::a", at("out/plan.json")), undefined);
    assert.equal(claims.claim("urn::a", at("out/plan.json")), undefined);
    assert.equal(claims.claim("urn::b", at("out/plan.json")), "urn::a");
    assert.equal(claims.claim("urn::b", at("out/other.json")), undefined);
  });

  it("hold through links that come later, of folders and of files", () => {
    const claims = createFileClaims();
    claims.claim("urn::a", at("link/plan.json"));
    mkdirSync(at("out"));
    symlinkSync("out", at("link"));
    assert.equal(claims.claim("urn::b", at("out/plan.json")), "urn::a");
    writeFileSync(at("out/plan.json"), "{}");
    linkSync(at("out/plan.json"), at("hard.json"));
    assert.equal(claims.claim("urn::b", at("hard.json")), "urn::a");
  });

  it("name who reads a file that is to be written, and who writes one that is read, whoever comes first", () => {
    const claims = createFileClaims();
    assert.equal(claims.read("urn::a", at("approved.json")), undefined);
    assert.equal(claims.readerOf("urn::b", at("./approved.json")), "urn::a");
    assert.equal(claims.readerOf("urn::a", at("approved.json")), undefined);
    claims.claim("urn::b", at("plan.json"));
    assert.equal(claims.read("urn::a", at("plan.json")), "urn::b");
  });
});
