import assert from "node:assert/strict";
import { readListing } from "../../../../../provider/imports/plan/repository/listing.js";
import type { ApiStatus, ImageImportStatus } from "../../../../../provider/okd/imageStream.js";
import { digest } from "../../../../support/builders/imageStream.js";

const success: ApiStatus = { status: "Success" };
const importFailed: ApiStatus = {
  status: "Failure",
  reason: "ImportFailed",
  message: "failed to import 1 of 2 tags",
};
const row = (tag: string): ImageImportStatus => ({
  status: success,
  tag,
  image: { metadata: { name: digest("a") } },
});
const broken: ImageImportStatus = {
  tag: "broken",
  status: { status: "Failure", reason: "NotFound", code: 404, message: "not found" },
};

describe("readListing", () => {
  it("lists tags with and without an image", () => {
    const listing = readListing({ status: success, images: [row("v2")], additionalTags: ["v1"] });

    assert.equal(listing.kind, "listed");
    assert.deepEqual([...listing.tags].sort(), ["v1", "v2"]);
    assert.equal(listing.rows.get("v2")?.kind, "imported");
  });

  it("lists a repository of which the image of one tag cannot be read", () => {
    const listing = readListing({ status: importFailed, images: [row("v1"), broken], additionalTags: [] });

    assert.equal(listing.kind, "listed");
    assert.deepEqual([...listing.tags].sort(), ["broken", "v1"]);
    assert.equal(listing.rows.get("broken")?.kind, "failed");
  });

  const refusals: readonly (readonly [status: ApiStatus, code: string, transient: boolean])[] = [
    [{ status: "Failure", reason: "NotFound", code: 404, message: "not found" }, "IMPORT_NOT_FOUND", false],
    [{ status: "Failure", reason: "Unauthorized", code: 401, message: "no" }, "IMPORT_UNAUTHORIZED", false],
    [
      { status: "Failure", reason: "Forbidden", code: 403, message: "no" },
      "IMPORT_REGISTRY_NOT_ALLOWED",
      false,
    ],
    [{ status: "Failure", reason: "NotV2Registry", code: 403, message: "no v2" }, "IMPORT_FAILED", false],
    [
      { status: "Failure", reason: "InternalError", code: 500, message: "toomanyrequests: slow down" },
      "IMPORT_RATE_LIMITED",
      true,
    ],
    [
      { status: "Failure", reason: "InternalError", code: 500, message: "dial tcp: timeout" },
      "IMPORT_FAILED",
      true,
    ],
  ];
  for (const [status, code, transient] of refusals) {
    it(`is refused as ${code} where the registry answers ${status.reason}: ${status.message}`, () => {
      const listing = readListing({ status, images: [], additionalTags: [] });

      assert.equal(listing.kind, "failed");
      assert.equal(listing.failure.code, code);
      assert.equal(listing.failure.transient, transient);
    });
  }

  it("does not take a repository without tags for one whose tags have all vanished", () => {
    const listing = readListing({ status: success, images: [], additionalTags: [] });

    assert.deepEqual(listing, {
      kind: "failed",
      failure: { code: "IMPORT_NOT_FOUND", message: "it has no tags", transient: false },
    });
  });
});
