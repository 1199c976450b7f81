import assert from "node:assert/strict";
import { knownPart, undecidedTags } from "../../../../provider/imports/plan/knownPart.js";

type Path = readonly (string | number)[];

interface PartCase {
  readonly name: string;
  readonly unknown: readonly Path[];
  readonly trackUpstream?: string;
  /** Tags that are left; undefined where nothing is. */
  readonly tags?: readonly string[];
  readonly undecided?: readonly string[];
}

const both = ["v1", "v2"];
const cases: readonly PartCase[] = [
  { name: "a label", unknown: [["labels", "commit"]], tags: both },
  { name: "all labels", unknown: [["labels"]], tags: both },
  { name: "an annotation of the stream", unknown: [["annotations", "a"]], tags: both },
  { name: "local lookup", unknown: [["lookupLocal"]], tags: both },
  { name: "a trigger", unknown: [["triggers", 0]], tags: both },
  { name: "a timeout", unknown: [["timeouts", "create"]], tags: both },
  { name: "what destroying removes", unknown: [["onDestroy"]], tags: both },
  { name: "permissions", unknown: [["adopt"], ["deleteInUse"]], tags: both },
  { name: "the namespace", unknown: [["namespace"]] },
  { name: "the name", unknown: [["name"]] },
  { name: "the source, whose tag has no name then", unknown: [["source"]] },
  { name: "all tags", unknown: [["tags"]] },
  { name: "a policy of all tags", unknown: [["insecure"]] },
  { name: "how upstream is tracked", unknown: [["trackUpstream"]] },
  { name: "a tag", unknown: [["tags", "v2"]], tags: ["v1"], undecided: ["v2"] },
  { name: "a tag's image", unknown: [["tags", "v2", "image"]], tags: ["v1"], undecided: ["v2"] },
  { name: "a tag's annotation", unknown: [["tags", "v2", "annotations", "a"]], tags: both },
  {
    name: "the platform that a tag prefers",
    unknown: [["tags", "v2", "annotations", "importer.image.openshift.io/prefer-arch"]],
    tags: ["v1"],
    undecided: ["v2"],
  },
  {
    name: "all annotations of a tag",
    unknown: [["tags", "v2", "annotations"]],
    tags: ["v1"],
    undecided: ["v2"],
  },
  { name: "whether a pinned tag is scheduled", unknown: [["tags", "v2", "scheduled"]], tags: both },
  {
    name: "whether a followed tag is scheduled",
    unknown: [["tags", "v2", "scheduled"]],
    trackUpstream: "follow",
    tags: ["v1"],
    undecided: ["v2"],
  },
  {
    name: "every tag",
    unknown: [
      ["tags", "v1"],
      ["tags", "v2"],
    ],
    tags: [],
    undecided: both,
  },
  { name: "a tag and a label", unknown: [["labels"], ["tags", "v1"]], tags: ["v2"], undecided: ["v1"] },
];

describe("what decides about images when something is not known:", () => {
  for (const { name, unknown, trackUpstream, tags, undecided = [] } of cases) {
    it(name, () => {
      const inputs = {
        ...(trackUpstream === undefined ? {} : { trackUpstream }),
        tags: { v1: "r.io/a:v1", v2: { image: "r.io/a:v2" } },
      };

      const part = knownPart<unknown>(inputs, unknown);

      assert.deepEqual(part === undefined ? undefined : Object.keys(part.tags as object), tags);
      if (tags !== undefined) assert.deepEqual(undecidedTags(inputs, unknown), undecided);
    });
  }

  it("permissions that are not known count as given", () => {
    const part = knownPart<unknown>({ tags: {} }, [["adopt"], ["deleteInUse"]]);

    assert.deepEqual(part, { tags: {}, adopt: true, deleteInUse: true });
  });
});
