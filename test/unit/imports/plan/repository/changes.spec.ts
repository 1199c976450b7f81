import assert from "node:assert/strict";
import {
  describeChanges,
  repositoryChanges,
  tagsToSelectFrom,
  tooManyNew,
} from "../../../../../provider/imports/plan/repository/changes.js";

const same = (...tags: readonly string[]) => tags.map((tag) => ({ name: tag, source: tag }));
const none = { added: [], kept: [], vanished: [], dropped: [] };

describe("repositoryChanges", () => {
  const cases: readonly {
    readonly name: string;
    readonly selected: readonly string[];
    readonly recorded: readonly string[];
    readonly listed: readonly string[];
    readonly changes: Partial<ReturnType<typeof repositoryChanges>>;
  }[] = [
    { name: "nothing changes", selected: ["a"], recorded: ["a"], listed: ["a", "b"], changes: {} },
    {
      name: "new tags are added",
      selected: ["a", "b"],
      recorded: [],
      listed: ["a", "b"],
      changes: { added: ["a", "b"] },
    },
    {
      name: "a recorded tag that upstream no longer has is kept while it is selected",
      selected: ["a", "b"],
      recorded: ["a", "b"],
      listed: ["b"],
      changes: { kept: ["a"] },
    },
    {
      name: "a recorded tag that upstream no longer has vanishes otherwise",
      selected: ["b"],
      recorded: ["b", "a"],
      listed: ["b"],
      changes: { vanished: ["a"] },
    },
    {
      name: "a recorded tag that upstream still has is no longer selected",
      selected: ["c"],
      recorded: ["a"],
      listed: ["a", "c"],
      changes: { added: ["c"], dropped: ["a"] },
    },
  ];
  for (const { name, selected, recorded, listed, changes } of cases) {
    it(name, () => {
      assert.deepEqual(repositoryChanges(same(...selected), same(...recorded), new Set(listed)), {
        ...none,
        ...changes,
      });
    });
  }

  it("another name for the same tag upstream is a new tag, and its old name is no longer selected", () => {
    const changes = repositoryChanges([{ name: "base-a", source: "a" }], same("a"), new Set(["a"]));

    assert.deepEqual(changes, { ...none, added: ["base-a"], dropped: ["a"] });
  });
});

describe("tagsToSelectFrom", () => {
  it("keeps what the last run had, under its name upstream", () => {
    const recorded = [{ name: "base-a", source: "a" }];

    assert.deepEqual([...tagsToSelectFrom({ vanished: "keep" }, ["b"], recorded)].sort(), ["a", "b"]);
  });

  it("removes what vanished", () => {
    assert.deepEqual([...tagsToSelectFrom({ vanished: "remove" }, ["b"], same("a"))], ["b"]);
  });
});

describe("describeChanges", () => {
  it("says what comes and goes, with its names", () => {
    const changes = { ...none, added: ["v1.4", "v1.5", "v1.6"], vanished: ["v1.0"] };

    assert.equal(describeChanges(changes), "+3 new (v1.4, v1.5, v1.6), -1 vanished (v1.0)");
  });

  it("says what is kept and what is no longer selected", () => {
    const changes = { ...none, kept: ["v1"], dropped: ["a", "b", "c", "d", "e", "f"] };

    assert.equal(
      describeChanges(changes),
      "-6 no longer selected (a, b, c, d, e and 1 more), 1 vanished upstream and kept (v1)",
    );
  });

  it("has nothing to say of no change", () => {
    assert.equal(describeChanges(none), undefined);
  });
});

describe("tooManyNew", () => {
  const changes = { ...none, added: ["v1", "v2", "v3"] };

  it("names the number, the tags and what to raise", () => {
    assert.equal(
      tooManyNew({ image: "quay.io/acme/web", maxNew: 2 }, changes),
      "repository.maxNew: quay.io/acme/web has 3 new tags (v1, v2, v3), and 2 are allowed in one run; raise it to 3, or select fewer [IMPORT_LIMIT]",
    );
  });

  it("allows as many as it says, and any number without it", () => {
    assert.equal(tooManyNew({ image: "quay.io/acme/web", maxNew: 3 }, changes), undefined);
    assert.equal(tooManyNew({ image: "quay.io/acme/web", maxNew: undefined }, changes), undefined);
  });
});
