import assert from "node:assert/strict";
import type { ImageTag } from "../../../../../provider/imports/args/desiredStream.js";
import type { ImportRow } from "../../../../../provider/imports/failure/explain.js";
import type { Lookup, LookupPlan } from "../../../../../provider/imports/plan/lookups.js";
import { doubtfulImages, goneWarnings } from "../../../../../provider/imports/plan/warnings/goneImages.js";
import {
  onePlatformTags,
  onePlatformWarnings,
} from "../../../../../provider/imports/plan/warnings/onePlatform.js";
import type { ImageManifestSummary } from "../../../../../provider/okd/imageStream.js";
import { desiredTag, digest, imageStream, liveTag } from "../../../../support/builders/imageStream.js";

function imported(letter: string, dockerImageManifests?: readonly ImageManifestSummary[]): ImportRow {
  const image = { metadata: { name: digest(letter) } };
  return {
    kind: "imported",
    image: dockerImageManifests === undefined ? image : { ...image, dockerImageManifests },
  };
}
function failed(code: "IMPORT_NOT_FOUND" | "IMPORT_UNAUTHORIZED"): ImportRow {
  return { kind: "failed", failure: { code, message: "no", transient: false } };
}
const answered = (row: ImportRow) => new Map([["v1", row]]);

function plan(tag: Partial<ImageTag>, purpose: Lookup["purpose"]): LookupPlan {
  const known = { v1: { digest: digest("a"), pullSpec: "x" } };
  const lookups = [{ tag: desiredTag("v1", tag), purpose }];
  return { known, lookups } as unknown as LookupPlan;
}

describe("an image that upstream may no longer have", () => {
  const doubtful = (
    row: ImportRow,
    trackUpstream: "report" | "follow",
    tag: Partial<ImageTag> = {},
    purpose: Lookup["purpose"] = "tracked",
  ) => doubtfulImages(plan(tag, purpose), answered(row), { trackUpstream }).map(({ image }) => image);
  const asked = [`quay.io/acme/web@${digest("a")}`];

  it("is asked for by its digest where its tag is gone", () => {
    assert.deepEqual(doubtful(failed("IMPORT_NOT_FOUND"), "report"), asked);
    assert.deepEqual(doubtful(failed("IMPORT_NOT_FOUND"), "follow"), asked);
  });

  it("is asked for where its tag has moved and is not followed", () => {
    assert.deepEqual(doubtful(imported("b"), "report"), asked);
    assert.deepEqual(doubtful(imported("b"), "follow"), []);
  });

  it("is not asked for where its tag still names it, or could not be asked", () => {
    assert.deepEqual(doubtful(imported("a"), "report"), []);
    assert.deepEqual(doubtful(failed("IMPORT_UNAUTHORIZED"), "report"), []);
  });

  it("is not asked for where workloads pull from the integrated registry, or the tag is imported anyway", () => {
    assert.deepEqual(doubtful(imported("b"), "report", { referencePolicy: "Local" }), []);
    assert.deepEqual(doubtful(imported("b"), "report", {}, "needed"), []);
  });

  it("is warned of where the registry does not know it, and only then", () => {
    const tag = { ...desiredTag("v1"), image: asked[0]! };
    const warnings = (row: ImportRow) => goneWarnings([tag], answered(row));
    assert.match(
      warnings(failed("IMPORT_NOT_FOUND"))[0] ?? "",
      /^v1: quay\.io\/acme\/web@sha256:a+ is gone upstream/,
    );
    assert.deepEqual(warnings(failed("IMPORT_UNAUTHORIZED")), []);
    assert.deepEqual(warnings(imported("a")), []);
    assert.deepEqual(goneWarnings([tag], new Map()), []);
  });
});

describe("an image of one platform", () => {
  const asked = (
    tag: Partial<ImageTag>,
    purpose: Lookup["purpose"] = "needed",
    mode?: "PreserveOriginal",
  ) => {
    const stored =
      mode === undefined
        ? undefined
        : imageStream([liveTag("v1", digest("a"), { importPolicy: { importMode: mode } })]);
    return onePlatformTags(plan(tag, purpose), answered(imported("a")), stored);
  };

  it("is looked at as a whole where it is imported by the mode Legacy, declared or the cluster's", () => {
    assert.deepEqual(
      asked({}).map(({ importMode }) => importMode),
      ["PreserveOriginal"],
    );
    assert.equal(asked({ importMode: "Legacy" }, "needed", "PreserveOriginal").length, 1);
  });

  it("is not looked at where it is no choice of the cluster's, or not imported", () => {
    assert.deepEqual(asked({ importMode: "PreserveOriginal" }), []);
    assert.deepEqual(asked({}, "needed", "PreserveOriginal"), []);
    assert.deepEqual(asked({}, "tracked"), []);
    assert.deepEqual(asked({ annotations: { "importer.image.openshift.io/prefer-arch": "arm64" } }), []);
    assert.deepEqual(
      onePlatformTags(plan({}, "needed"), answered(failed("IMPORT_NOT_FOUND")), undefined),
      [],
    );
  });

  const child = (letter: string, architecture: string) => ({
    digest: digest(letter),
    architecture,
    os: "linux",
  });
  const warnings = (children: readonly ImageManifestSummary[] | undefined, nodes: readonly string[]) =>
    onePlatformWarnings(
      [desiredTag("v1")],
      { chosen: answered(imported("a")), whole: answered(imported("f", children)) },
      nodes,
    );

  it("is warned of where nodes of another architecture could have one too", () => {
    const [warning] = warnings(
      [child("a", "amd64"), child("b", "arm64"), child("c", "s390x")],
      ["amd64", "arm64"],
    );
    assert.match(
      warning ?? "",
      /^v1: quay\.io\/acme\/web:v1 has images for amd64, arm64, .* takes the one for amd64: pods fail on nodes with arm64\./,
    );
  });

  it("is not warned of where the source has nothing for the other nodes, or is no index", () => {
    assert.deepEqual(warnings([child("a", "amd64"), child("c", "s390x")], ["amd64", "arm64"]), []);
    assert.deepEqual(warnings(undefined, ["amd64", "arm64"]), []);
    assert.deepEqual(warnings([child("b", "arm64")], ["amd64", "arm64"]), []);
  });
});
