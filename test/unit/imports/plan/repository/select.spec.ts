import assert from "node:assert/strict";
import fc from "fast-check";
import type { TagSelection } from "../../../../../provider/imports/args/desiredRepository.js";
import { selectTags } from "../../../../../provider/imports/plan/repository/select.js";
import { tagSelection } from "../../../../support/builders/repository.js";

type Built = Readonly<Record<string, string>>;

function select(
  selection: Partial<TagSelection>,
  tags: readonly string[],
  { built = {}, declared = [] }: { readonly built?: Built; readonly declared?: readonly string[] } = {},
) {
  return selectTags(tagSelection(selection), tags, new Map(Object.entries(built)), declared);
}

/** `name` where both names are one, else `name<-source`. */
function names(...args: Parameters<typeof select>): readonly string[] {
  const selection = select(...args);
  assert.equal(selection.kind, "selected");
  return selection.tags.map(({ name, source }) => (name === source ? name : `${name}<-${source}`));
}

function reasons(...args: Parameters<typeof select>): readonly string[] {
  const selection = select(...args);
  assert.equal(selection.kind, "refused");
  return selection.reasons;
}

interface SelectionCase {
  readonly name: string;
  readonly selection: Partial<TagSelection>;
  readonly tags: readonly string[];
  readonly built?: Built;
  readonly selected: readonly string[];
}

const cases: readonly SelectionCase[] = [
  { name: "takes every tag", selection: {}, tags: ["v2", "edge", "v1"], selected: ["edge", "v1", "v2"] },
  { name: "takes a tag that is listed twice once", selection: {}, tags: ["v1", "v1"], selected: ["v1"] },
  {
    name: "include takes what one of its globs matches",
    selection: { include: ["v*", "stable"] },
    tags: ["v1", "stable", "edge"],
    selected: ["stable", "v1"],
  },
  {
    name: "exclude leaves out what include took",
    selection: { include: ["v*"], exclude: ["*-rc*", "v0.{1,2}"] },
    tags: ["v1", "v1-rc1", "v0.1", "v0.3"],
    selected: ["v0.3", "v1"],
  },
  {
    name: "a pattern matches somewhere in the tag",
    selection: { pattern: "-alpine" },
    tags: ["1.27-alpine", "1.27", "1.27-alpine-slim"],
    selected: ["1.27-alpine", "1.27-alpine-slim"],
  },
  {
    name: "a pattern with ^ and $ matches the whole tag",
    selection: { pattern: "^[0-9.]+$" },
    tags: ["1.27", "1.27-alpine"],
    selected: ["1.27"],
  },
  {
    name: "a range leaves out what is no version, and pre-releases",
    selection: { semver: ">=1.2 <3", sort: "semver" },
    tags: ["v1.1", "v1.2", "2.9.9", "3.0.0", "2.0.0-rc.1", "latest"],
    selected: ["2.9.9", "v1.2"],
  },
  {
    name: "a range looks at what was extracted",
    selection: { pattern: "^(?<version>.+)-alpine$", extract: "$version", semver: "^1.2" },
    tags: ["1.2.0", "1.2.0-alpine", "1.1.0-alpine", "1.3.0-rc.1-alpine"],
    selected: ["1.2.0-alpine"],
  },
  {
    name: "extract puts groups together",
    selection: { pattern: String.raw`^(\d+)_(?<minor>\d+)$`, extract: "$1.${minor}", semver: "^1.2" },
    tags: ["1_1", "1_2", "2_2"],
    selected: ["1_2"],
  },
  {
    name: "semver order knows that 1.10 is newer than 1.9, and a release than its candidates",
    selection: { sort: "semver", limit: 3 },
    tags: ["1.9.0", "1.10.0-rc.1", "1.10.0", "1.8.0", "main"],
    selected: ["1.10.0", "1.10.0-rc.1", "1.9.0"],
  },
  {
    name: "semver order takes the later rebuild of one version",
    selection: { sort: "semver", limit: 1 },
    tags: ["1.2.3_2", "1.2.3_10", "1.2.3"],
    selected: ["1.2.3_10"],
  },
  {
    name: "numerical order knows that 10 is more than 9, also beyond the digits of a number",
    selection: { sort: "numerical", limit: 2 },
    tags: ["9", "10", "90071992547409931", "90071992547409932", "build"],
    selected: ["90071992547409931", "90071992547409932"],
  },
  {
    name: "numerical order reads leading zeros and fractions",
    selection: { sort: "numerical", limit: 2 },
    tags: ["007", "6.25", "6.3"],
    selected: ["007", "6.3"],
  },
  {
    name: "numerical order looks at what was extracted",
    selection: { pattern: "^main-[a-f0-9]+-(?P<ts>[0-9]+)$", extract: "$ts", sort: "numerical", limit: 1 },
    tags: ["main-abc-200", "main-fff-100", "main-def-99"],
    selected: ["main-abc-200"],
  },
  {
    name: "alphabetical order suits dates",
    selection: { sort: "alphabetical", limit: 2 },
    tags: ["2026-01-31", "2026-11-02", "2025-12-31"],
    selected: ["2026-01-31", "2026-11-02"],
  },
  {
    name: "created order takes what was built last, whatever its name, and unknown times as the oldest",
    selection: { sort: "created", limit: 2 },
    tags: ["a", "b", "c", "d"],
    built: { a: "2026-05-01T00:00:00Z", b: "2026-01-01T00:00:00+02:00", c: "2025-12-31T23:00:00Z" },
    selected: ["a", "c"],
  },
  {
    name: "a limit above the number of tags takes all",
    selection: { sort: "alphabetical", limit: 9 },
    tags: ["a"],
    selected: ["a"],
  },
  {
    name: "as gives the tags of the stream a prefix",
    selection: { as: "base-{tag}" },
    tags: ["v1", "v2"],
    selected: ["base-v1<-v1", "base-v2<-v2"],
  },
  {
    name: "as takes groups of the pattern",
    selection: { pattern: "^release-(?<version>.*)-(.*)$", as: "{version}.{2}" },
    tags: ["release-1.2-x86", "main"],
    selected: ["1.2.x86<-release-1.2-x86"],
  },
  {
    name: "names of every object are names like any other",
    selection: { include: ["*o*"] },
    tags: ["constructor", "toString", "hasOwnProperty"],
    selected: ["constructor", "hasOwnProperty", "toString"],
  },
];

describe("selectTags", () => {
  for (const { name, selection, tags, selected, built } of cases) {
    it(name, () => {
      assert.deepEqual(names(selection, tags, built === undefined ? {} : { built }), selected);
    });
  }

  it("leaves out and names what no tag of a stream may be called", () => {
    const long = "v".repeat(128);
    const selection = select({ as: "x{tag}" }, [long, "v1"]);

    assert.deepEqual(selection, { kind: "selected", tags: [{ name: "xv1", source: "v1" }], unnamed: [long] });
    assert.deepEqual(select({}, ["__proto__"]), { kind: "selected", tags: [], unnamed: ["__proto__"] });
  });

  it("refuses two tags under one name", () => {
    assert.match(
      reasons({ pattern: String.raw`^(\d+)\.`, as: "{1}" }, ["1.2", "1.1", "2.0"]).join("\n"),
      /^repository\.as: "\{1\}" gives the name 1 to 1\.1, 1\.2; /,
    );
  });

  it("lets names be shared by what the limit leaves out", () => {
    const selection = { pattern: String.raw`^(\d+)\.`, as: "{1}", sort: "semver", limit: 1 } as const;

    assert.deepEqual(names(selection, ["1.2", "1.1"]), ["1<-1.2"]);
  });

  it("refuses the name of a tag that the program declares, and says how to leave it out", () => {
    assert.match(
      reasons({}, ["v1", "v2"], { declared: ["v1", "edge"] }).join("\n"),
      /^repository: quay\.io\/acme\/web:v1 gives the tag v1, which the program declares too; leave it out by exclude: \["v1"\]/,
    );
  });

  it("refuses a pattern that needs years", function () {
    this.timeout(20_000);

    assert.match(
      reasons({ pattern: "(a+)+$" }, ["v1", "a".repeat(127) + "!"]).join("\n"),
      /^repository\.pattern: "\(a\+\)\+\$" needs too long/,
    );
  });

  it("does not depend on the order in which tags are listed", () => {
    fc.assert(
      fc.property(listed, selections, fc.infiniteStream(fc.nat()), ({ tags, built }, selection, random) => {
        const shuffled = [...tags]
          .map((tag) => [random.next().value as number, tag] as const)
          .sort(([a], [b]) => a - b)
          .map(([, tag]) => tag);

        assert.deepEqual(select(selection, shuffled, { built }), select(selection, tags, { built }));
      }),
    );
  });

  it("stricter filters never add a tag", () => {
    fc.assert(
      fc.property(
        listed,
        selections,
        fc.constantFrom(...stricter),
        ({ tags, built }, selection, stricten) => {
          const loose = { ...selection, limit: undefined };
          const less = new Set(names(loose, tags, { built }));

          for (const name of names(stricten(loose), tags, { built })) assert.ok(less.has(name), name);
        },
      ),
    );
  });

  it("a limit takes the newest: a lower one takes a part of what a higher one takes, and no less than it may", () => {
    fc.assert(
      fc.property(listed, selections, fc.nat(9), ({ tags, built }, selection, more) => {
        const { limit = 1 } = selection;
        const all = names({ ...selection, limit: undefined }, tags, { built });
        const few = names({ ...selection, limit }, tags, { built });
        const many = new Set(names({ ...selection, limit: limit + more }, tags, { built }));

        assert.equal(few.length, Math.min(limit, all.length));
        for (const name of few) assert.ok(many.has(name), name);
      }),
    );
  });

  it("adding what is newer than everything pushes out the oldest only", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(50), { minLength: 1 }),
        fc.integer({ min: 1, max: 9 }),
        (minors, limit) => {
          const tags = minors.map((minor) => `1.${minor}`);
          const before = names({ sort: "semver", limit }, tags);
          const after = names({ sort: "semver", limit }, [...tags, "2.0"]);

          assert.ok(after.includes("2.0"));
          for (const name of after) assert.ok(name === "2.0" || before.includes(name), name);
        },
      ),
    );
  });
});

const tag = fc.oneof(
  fc.tuple(fc.nat(3), fc.nat(12)).map(([major, minor]) => `v${major}.${minor}`),
  fc.nat(2000).map(String),
  fc.stringMatching(/^\w[\w.-]{0,5}$/).filter((name) => name !== "__proto__"),
);
const listed = fc.uniqueArray(tag, { maxLength: 30 }).chain((tags) =>
  fc.array(fc.option(fc.nat(5)), { minLength: tags.length, maxLength: tags.length }).map((days) => ({
    tags,
    built: Object.fromEntries(
      tags.flatMap((each, index) => {
        const day = days[index];
        return day === null || day === undefined ? [] : [[each, `2026-01-0${day + 1}T00:00:00Z`]];
      }),
    ),
  })),
);
const selections: fc.Arbitrary<Partial<TagSelection>> = fc
  .record({
    include: fc.constantFrom<readonly string[]>([], ["v*"], ["*1*", "v*"]),
    exclude: fc.constantFrom<readonly string[]>([], ["*2*"]),
    semver: fc.constantFrom(undefined, ">=1", "*"),
    sort: fc.constantFrom("semver", "numerical", "alphabetical", "created"),
    limit: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
  })
  .map((selection) => selection as Partial<TagSelection>);
const stricter: readonly ((selection: Partial<TagSelection>) => Partial<TagSelection>)[] = [
  (selection) => ({ ...selection, exclude: [...(selection.exclude ?? []), "*3*"] }),
  (selection) => ({
    ...selection,
    include: (selection.include ?? ["v*"]).slice(0, 1).concat(selection.include?.length === 0 ? ["v*"] : []),
  }),
  (selection) => ({ ...selection, pattern: "[0-9]" }),
  (selection) => ({ ...selection, semver: selection.semver === undefined ? "<2" : `${selection.semver} <2` }),
];
