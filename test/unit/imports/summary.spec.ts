import assert from "node:assert/strict";
import { summariseStream } from "../../../provider/imports/summary.js";
import { digest } from "../../support/builders/imageStream.js";

describe("the summary of a preview", () => {
  const v1 = { digest: digest("a"), platforms: ["linux/amd64", "linux/arm64"], sizeBytes: 71_000_000 };

  it("lists the tags of a create with digest, platforms and size", () => {
    assert.equal(
      summariseStream({ resolved: { v1, v2: { digest: digest("b") } } }, {}),
      "2 tags: v1 sha256:aaaaaaaaaaaa… (linux/amd64 +1, 71 MB), v2 sha256:bbbbbbbbbbbb…",
    );
  });

  it("names only what changes in an update", () => {
    const before = { resolved: { v1, gone: v1, same: v1 } };
    const after = { resolved: { v1: { digest: digest("c") }, same: v1, fresh: { digest: digest("d") } } };

    assert.equal(
      summariseStream(after, before),
      "new fresh sha256:dddddddddddd…, gone is removed, v1 sha256:aaaaaaaaaaaa… -> sha256:cccccccccccc…",
    );
  });

  it("counts the tags of a repository that come and go, and names what moved", () => {
    const repository = { image: "quay.io/acme/web" };
    const fresh = { digest: digest("d") };
    const before = { repository, tags: { edge: {} }, resolved: { edge: v1, "v1.0": v1, "v1.3": v1 } };
    const resolved = { edge: fresh, "v1.3": v1, "v1.4": fresh, "v1.5": fresh, "v1.6": fresh };
    const after = { repository, tags: { edge: {} }, resolved };

    assert.equal(
      summariseStream(after, before),
      "+3 new (v1.4, v1.5, v1.6), -1 vanished (v1.0), edge sha256:aaaaaaaaaaaa… -> sha256:dddddddddddd…",
    );
    assert.match(
      summariseStream({ ...after, repository: { ...repository, exclude: ["v1.0"] } }, before) ?? "",
      /-1 gone \(v1\.0\)/,
    );
  });

  it("is silent when no image changes", () => {
    assert.equal(summariseStream({ resolved: { v1 } }, { resolved: { v1 } }), undefined);
  });

  it("says that digests are not known", () => {
    assert.equal(summariseStream({}, {}), "the digests are not known yet");
  });

  it("says which digests are not known", () => {
    // The SDK's value for what is not known is an object of its own.
    const v2 = {} as object;

    assert.equal(
      summariseStream({ resolved: { v1: { digest: digest("b") }, v2 } }, {}),
      "2 tags: v1 sha256:bbbbbbbbbbbb…, v2 is not known yet",
    );
    assert.equal(
      summariseStream({ resolved: { v1: v2 } }, { resolved: { v1 } }),
      "v1 sha256:aaaaaaaaaaaa… -> not known yet",
    );
  });

  it("names what a new digest rolls out, three at most", () => {
    const rollsOut = ["deployment/web", "buildconfig/site namespace=build"];
    const moved = { digest: digest("c"), rollsOut };
    const many = { ...moved, rollsOut: ["a", "b", "c", "d"], rollsOutTotal: 14 };

    assert.equal(
      summariseStream({ resolved: { v1: moved } }, { resolved: { v1 } }),
      "v1 sha256:aaaaaaaaaaaa… -> sha256:cccccccccccc… (rolls out deployment/web, buildconfig/site namespace=build)",
    );
    assert.equal(
      summariseStream({ resolved: { v1: { ...v1, rollsOut } } }, {}),
      "1 tag: v1 sha256:aaaaaaaaaaaa… (linux/amd64 +1, 71 MB, rolls out deployment/web, buildconfig/site namespace=build)",
    );
    assert.match(
      summariseStream({ resolved: { v1: many } }, { resolved: { v1 } }) ?? "",
      /\(rolls out a, b, c and 11 more\)$/,
    );
  });

  it("names what the return to the recorded digest rolls out", () => {
    assert.equal(
      summariseStream({ resolved: { v1: { ...v1, rollsOut: ["deployment/web"] } } }, { resolved: { v1 } }),
      "v1 returns to sha256:aaaaaaaaaaaa… (rolls out deployment/web)",
    );
  });

  it("shows five tags and counts the others", () => {
    const resolved = Object.fromEntries(
      ["a", "b", "c", "d", "e", "f", "g"].map((name) => [name, { digest: digest("a") }]),
    );

    assert.match(summariseStream({ resolved }, {}) ?? "", /^7 tags: a .*, e sha256:a+… and 2 more$/);
  });
});
