import assert from "node:assert/strict";
import { findFile } from "../../../../provider/archive/check/foundFiles.js";
import type { ArchiveFiles, FileFacts, FoundArchive } from "../../../../provider/archive/filePorts.js";
import type { SourceImage } from "../../../../provider/archive/plan/resolvedImage.js";
import { archiveArgs, contentImage, digestOf } from "../../../support/builders/archiveContent.js";

const options = { signal: new AbortController().signal };
const image: SourceImage = {
  key: "acme/web:v1",
  configs: [digestOf("c1")],
  content: contentImage({ digest: digestOf("b1"), identity: "manifest", archivedDigest: digestOf("b2") }),
  origin: { kind: "engine", reference: "acme/web:v1", platforms: [], manifests: [digestOf("a1")] },
};
const right: FoundArchive = {
  kind: "archive",
  compression: "none",
  identity: {
    format: "hybrid",
    images: [
      {
        ...{ names: ["acme/web:v1"], configDigest: digestOf("c1"), manifestDigest: undefined },
        ...{ indexDigest: undefined, diffIds: [], platform: { os: "linux", architecture: "amd64" } },
      },
    ],
  },
};

/** A disk with one file, and what was asked about it. */
function disk(kind: FileFacts["kind"] | undefined, found: FoundArchive = right, damage?: string) {
  const asked: string[] = [];
  const unwanted = () => Promise.reject(new Error("nobody should ask that"));
  const files: ArchiveFiles = {
    obstacle: () => Promise.resolve(undefined),
    stat: () =>
      Promise.resolve(kind === undefined ? undefined : { kind, size: 1, mtimeMs: 1, fileId: "1:1" }),
    identify: () => Promise.resolve((asked.push("identify"), found)),
    findDamage: (_path, known) => Promise.resolve((asked.push(`findDamage ${known.join(" ")}`), damage)),
    ...{ hash: unwanted, write: unwanted, claim: unwanted, changeMode: unwanted, remove: unwanted },
  };
  return { files, asked };
}

const look = (files: ArchiveFiles, args: object | undefined) =>
  findFile(files, "/web.tar", args && { ...archiveArgs(args), images: [image] }, options);

describe("the check of an archive's file", () => {
  it("names what is at the path", async () => {
    assert.deepEqual(await look(disk(undefined).files, {}), { kind: "nothing" });
    for (const what of ["directory", "symlink", "other"] as const) {
      assert.deepEqual(await look(disk(what).files, {}), { kind: "no-file", what });
    }
  });

  it("does not read a file that the resource has written", async () => {
    const { files, asked } = disk("file");
    assert.deepEqual(await look(files, undefined), { kind: "other-file" });
    assert.deepEqual(asked, []);
  });

  it("reads only the manifests of a file, unless every byte is to be read", async () => {
    const cheap = disk("file");
    assert.deepEqual(await look(cheap.files, {}), { kind: "right-archive" });
    assert.deepEqual(cheap.asked, ["identify"]);

    const thorough = disk("file");
    assert.deepEqual(await look(thorough.files, { verify: "digest" }), { kind: "right-archive" });
    const known = ["b1", "b2", "a1", "c1"].map(digestOf);
    assert.deepEqual(thorough.asked, ["identify", `findDamage ${known.join(" ")}`]);
  });

  it("names what is wrong with a file", async () => {
    assert.deepEqual(await look(disk("file", { kind: "none", why: "no tar header at byte 0" }).files, {}), {
      kind: "other-file",
      why: "it is no whole archive of images: no tar header at byte 0",
    });
    assert.deepEqual(await look(disk("file", right, "blobs/x is wrong").files, { verify: "digest" }), {
      kind: "other-file",
      why: "it is damaged: blobs/x is wrong",
    });
  });

  it("stops reading a file once something is wrong", async () => {
    const { files, asked } = disk("file");
    assert.deepEqual(await look(files, { verify: "digest", compression: "gzip" }), {
      kind: "other-file",
      why: "its compression is none, not gzip",
    });
    assert.deepEqual(asked, ["identify"]);
  });
});
