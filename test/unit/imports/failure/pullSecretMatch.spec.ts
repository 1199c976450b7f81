import assert from "node:assert/strict";
import { judgeKeys } from "../../../../provider/imports/failure/pullSecretMatch.js";

interface MatchCase {
  readonly image: string;
  readonly keys: readonly string[];
  /** The key that is tried. */
  readonly tried?: string;
  readonly unused?: readonly string[];
}

const cases: readonly MatchCase[] = [
  { image: "quay.io/acme/web:v1", keys: ["quay.io"], tried: "quay.io" },
  { image: "quay.io/acme/web:v1", keys: ["https://quay.io"], tried: "quay.io" },
  { image: "quay.io/acme/web:v1", keys: ["https://quay.io/v2/"], tried: "quay.io" },
  { image: "quay.io/acme/web:v1", keys: ["https://me:secret@quay.io/"], tried: "quay.io" },
  { image: "quay.io/acme/web:v1", keys: ["quay.io/team-b"], unused: ["quay.io/team-b is for another path"] },
  { image: "quay.io/acme/web:v1", keys: ["quay.io/acme"], tried: "quay.io/acme" },
  { image: "quay.io/acme/web:v1", keys: ["quay.io/acme/web"], tried: "quay.io/acme/web" },
  // The server compares texts: a path is a prefix even where a name goes on.
  { image: "quay.io/acme-two/web:v1", keys: ["quay.io/acme"], tried: "quay.io/acme" },
  {
    image: "quay.io/acme/web:v1",
    keys: ["quay.io", "quay.io/acme/other", "quay.io/acme"],
    tried: "quay.io/acme",
    unused: ["quay.io/acme/other is for another path", "quay.io comes after quay.io/acme"],
  },
  { image: "quay.io/acme/web:v1", keys: ["quay.io:443"], unused: ["quay.io:443 is for the port 443"] },
  { image: "quay.io:443/acme/web:v1", keys: ["quay.io"], unused: ["quay.io is for no port"] },
  { image: "quay.io:443/acme/web:v1", keys: ["quay.io:443"], tried: "quay.io:443" },
  {
    image: "r.acme.com:5000/web",
    keys: ["r.acme.com:5001"],
    unused: ["r.acme.com:5001 is for the port 5001"],
  },
  { image: "r.acme.com/web", keys: ["*.acme.com"], tried: "*.acme.com" },
  { image: "r.acme.com/web", keys: ["?.acme.com"], tried: "?.acme.com" },
  { image: "r1.acme.com/web", keys: ["r*.a*e.com"], tried: "r*.a*e.com" },
  { image: "r.acme.com/web", keys: ["*.com"], unused: ["*.com is for another host"] },
  { image: "acme.com/web", keys: ["*.acme.com"], unused: ["*.acme.com is for another host"] },
  {
    image: "r.acme.com/web",
    keys: ["*.acme.com/web", "r.acme.com"],
    tried: "r.acme.com",
    unused: ["*.acme.com/web comes after r.acme.com"],
  },
  { image: "nginx:1", keys: ["https://index.docker.io/v1/"], tried: "index.docker.io" },
  { image: "nginx:1", keys: ["docker.io"], tried: "docker.io" },
  { image: "nginx:1", keys: ["docker.io/library"], tried: "docker.io/library" },
  { image: "acme/web", keys: ["docker.io/library"], unused: ["docker.io/library is for another path"] },
  {
    image: "acme/web",
    keys: ["https://index.docker.io/v1/", "docker.io"],
    tried: "docker.io",
    unused: ["index.docker.io comes after docker.io"],
  },
  {
    image: "quay.io/a/b",
    keys: ["https://index.docker.io/v1/"],
    unused: ["index.docker.io is for another host"],
  },
  { image: "quay.io/a/b", keys: [], unused: [] },
];

describe("the key of the pull secrets that is tried", () => {
  for (const { image, keys, tried, unused } of cases) {
    it(`for ${image} of ${keys.join(", ") || "none"}: ${tried ?? "none"}`, () => {
      const judged = judgeKeys(
        image,
        keys.map((key) => ({ secret: "s", key, isExcluded: false })),
      );

      assert.equal(judged.applying?.key, tried);
      const reasons = judged.unused.map(({ key, reason }) => `${key} ${reason}`);
      if (unused !== undefined) assert.deepEqual(reasons, unused);
    });
  }

  it("skips a secret that an annotation excludes", () => {
    const keys = [
      { secret: "hidden", key: "quay.io/acme", isExcluded: true },
      { secret: "shown", key: "quay.io", isExcluded: false },
    ];

    const { applying, unused } = judgeKeys("quay.io/acme/web", keys);

    assert.equal(applying?.secret, "shown");
    assert.equal(unused[0]?.reason, "is excluded by an annotation");
  });

  it("is found quickly for a glob that would backtrack", () => {
    const key = `${"*a".repeat(2_000)}.com`;

    assert.equal(
      judgeKeys(`${"a".repeat(200)}b.com/x`, [{ secret: "s", key, isExcluded: false }]).applying,
      undefined,
    );
  });
});
