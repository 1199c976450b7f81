import assert from "node:assert/strict";
import fc from "fast-check";
import type { ContentImage } from "../../../../provider/archive/outputs.js";
import { layersOf } from "../../../../provider/archive/plan/content.js";
import { type ArchiveFacts, planArchive } from "../../../../provider/archive/plan/decide.js";
import { archiveArgs, contentImage, digestOf } from "../../../support/builders/archiveContent.js";

const image = contentImage();
const images = { "acme/web:v1": image };
const nothing = { kind: "nothing" } as const;
const right = { kind: "right-archive" } as const;
const other = { kind: "other-file" } as const;
const wrong = { kind: "other-file", why: "it is another one" } as const;

function facts(more: Partial<ArchiveFacts> = {}): ArchiveFacts {
  return { images, size: 12, file: nothing, beside: [], recorded: undefined, ...more };
}

/** `write: there is no file yet`, or the refusal. */
function plan(found: Partial<ArchiveFacts>, args: object = {}): string {
  const planned = planArchive(facts(found), archiveArgs(args));
  return planned.kind === "refused" ? planned.reason : `${planned.content.action}: ${planned.content.reason}`;
}

const recorded = (before: Readonly<Record<string, ContentImage>> = images, args: object = {}) => ({
  file: other,
  recorded: { images: before, args: archiveArgs(args), isReplaced: false },
});
const unmanaged = /^path: web\.tar exists and was not written by this resource\. .* \[ARCHIVE_UNMANAGED\]$/;

const mapping = { ending: ".json", kind: "file" } as const;

describe("the plan for an archive", () => {
  const table: readonly (readonly [string, RegExp, Partial<ArchiveFacts>, object?])[] = [
    ["a new one", /^write: there is no file yet$/, {}],
    ["one that is there", /^adopt: the file holds these images already$/, { file: right }],
    ["somebody else's file", unmanaged, { file: other }],
    [
      "somebody else's file, to be overwritten",
      /^rewrite: overwriteUnmanaged/,
      { file: other },
      { overwriteUnmanaged: true },
    ],
    [
      "somebody else's file, of which is known what is wrong",
      /^path: web\.tar exists and was not written by this resource\. It cannot be taken over: it is another one\. Set overwriteUnmanaged, or choose another path \[ARCHIVE_UNMANAGED\]$/,
      { file: wrong },
    ],
    [
      "somebody else's file, of which is known what is wrong, to be overwritten",
      /^rewrite: overwriteUnmanaged: the file was written by somebody else; it is another one$/,
      { file: wrong },
      { overwriteUnmanaged: true },
    ],
    [
      "a folder",
      /^path: web\.tar is a directory, not a file\. .*\[ARCHIVE_PATH\]$/,
      { file: { kind: "no-file", what: "directory" } },
    ],
    [
      "a link, even to be overwritten",
      /is a symlink/,
      { file: { kind: "no-file", what: "symlink" } },
      { overwriteUnmanaged: true },
    ],
    [
      "a link in place of ours",
      /is a symlink/,
      { ...recorded(), file: { kind: "no-file", what: "symlink" } },
    ],
    ["ours, unchanged", /^keep: its images are the same$/, recorded()],
    ["ours, gone", /^rewrite: the file is gone$/, { ...recorded(), file: nothing }],
    [
      "ours, elsewhere",
      /^keep: the file is elsewhere$/,
      { ...recorded(), file: nothing },
      { onMissing: "ignore" },
    ],
    [
      "ours, elsewhere, and moved",
      /^rewrite: acme\/web:v1 moved$/,
      { ...recorded({ "acme/web:v1": contentImage({ digest: digestOf(9) }) }), file: nothing },
      { onMissing: "ignore" },
    ],
    [
      "moved",
      /^rewrite: acme\/web:v1 moved$/,
      recorded({ "acme/web:v1": contentImage({ digest: digestOf(9) }) }),
    ],
    [
      "another name",
      /^rewrite: acme\/web:v1 has another name$/,
      recorded({ "acme/web:v1": contentImage({ names: ["x:1"] }) }),
    ],
    [
      "other platforms",
      /^rewrite: acme\/web:v1 has other platforms$/,
      recorded({ "acme/web:v1": contentImage({ platforms: ["linux/arm64"] }) }),
    ],
    ["one more", /^rewrite: acme\/web:v1 is new$/, recorded({})],
    ["one less", /^rewrite: acme\/db:v1 is removed$/, recorded({ ...images, "acme/db:v1": image })],
    [
      "many changes, of which three are named",
      /^rewrite: a is removed, acme\/web:v1 is new, b is removed and 2 more$/,
      recorded({ a: image, b: image, c: image, d: image }),
    ],
    ["another format", /^rewrite: format changed$/, recorded(), { format: "oci-archive" }],
    ["another compression", /^rewrite: compression changed$/, recorded(), { compression: "gzip" }],
    [
      "the mapping wanted",
      /^keep: its images are the same; its mapping and checksum are to be written$/,
      recorded(),
      { manifest: true },
    ],
    [
      "the mapping not wanted any more",
      /^keep: its images are the same; its mapping and checksum are to be removed$/,
      recorded(images, { manifest: true }),
    ],
    [
      "the mapping wanted of one that is elsewhere",
      /^keep: the file is elsewhere; its mapping and checksum are to be written$/,
      { ...recorded(), file: nothing },
      { manifest: true, onMissing: "ignore" },
    ],
    [
      "the mapping wanted, and another format",
      /^rewrite: format changed$/,
      recorded(),
      { manifest: true, format: "oci-archive" },
    ],
    ["triggers", /^rewrite: triggers changed$/, recorded(), { triggers: [1] }],
    [
      "a replacement, which writes its own",
      /^rewrite: the resource is replaced$/,
      { file: other, recorded: { ...recorded().recorded, isReplaced: true } },
    ],
    ["other permissions", /^keep: /, recorded(), { fileMode: "0644" }],
    ["other credentials", /^keep: /, recorded(), { registries: { "quay.io": { token: "x" } } }],
    ["a foreign file beside it", /^path: web\.tar\.json exists .*ARCHIVE_UNMANAGED/, { beside: [mapping] }],
    [
      "a foreign file beside ours",
      /^path: web\.tar\.json exists/,
      { ...recorded(), beside: [mapping] },
      { manifest: true },
    ],
    [
      "a foreign file beside it, to be overwritten",
      /^write: /,
      { beside: [mapping] },
      { overwriteUnmanaged: true },
    ],
    [
      "a foreign file beside ours, to be overwritten",
      /^keep: /,
      { ...recorded(), beside: [mapping] },
      { manifest: true, overwriteUnmanaged: true },
    ],
    [
      "a folder beside it, whatever may be overwritten",
      /^path: web\.tar\.json is a directory, not a file\. .*\[ARCHIVE_PATH\]$/,
      { beside: [{ ...mapping, kind: "directory" }] },
      { overwriteUnmanaged: true },
    ],
    ["a file beside one that is adopted", /^adopt: /, { file: right, beside: [mapping] }],
    [
      "podman that became Docker, which names the default variant",
      /^keep: /,
      {
        images: { "acme/web:v1": contentImage({ platforms: ["linux/arm64/v8"] }) },
        ...recorded({ "acme/web:v1": contentImage({ platforms: ["linux/arm64"] }) }),
      },
    ],
    [
      "Docker 28 that became 29",
      /^keep: /,
      recorded({ "acme/web:v1": contentImage({ digest: digestOf(7), identity: "manifest" }) }),
    ],
  ];
  for (const [title, expected, found, args] of table) {
    it(title, () => assert.match(plan(found, args), expected));
  }

  it("shows the images and their size, where it is known", () => {
    const planned = planArchive(facts(), archiveArgs());
    assert.ok(planned.kind === "planned");
    assert.deepEqual(planned.content, { action: "write", reason: "there is no file yet", images, size: 12 });
    const unsized = planArchive(facts({ size: undefined }), archiveArgs());
    assert.ok(unsized.kind === "planned" && !("size" in unsized.content));
  });

  /** An image, and how a store names it: by its config or by its manifest. */
  const build = fc.record({ layers: fc.nat(2), created: fc.nat(1), command: fc.nat(1), platform: fc.nat(1) });
  type Build = typeof build extends fc.Arbitrary<infer Value> ? Value : never;
  const identities = fc.constantFrom("config" as const, "manifest" as const);
  const seen = (made: Build, identity: ContentImage["identity"]): ContentImage => ({
    digest: digestOf(`${identity === "config" ? 1 : 2}${Object.values(made).join("")}`),
    identity,
    names: ["acme/web:v1"],
    platforms: [made.platform === 0 ? "linux/amd64" : "linux/arm64"],
    created: `202${made.created}-01-01T00:00:00Z`,
    ...layersOf(Array.from({ length: made.layers }, (_, index) => digestOf(`d${made.layers}${index}`))),
  });
  /** All that two stores which name images differently say of both. */
  const visible = ({ layers, created, platform }: Build) => [layers, created, platform].join();

  it("never keeps the file when an image moved", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("a", "b", "c"), fc.tuple(build, build, identities, identities), {
          minKeys: 1,
          noNullPrototype: true,
        }),
        fc.constantFrom(nothing, right, other),
        fc.boolean(),
        (entries, file, isIgnored) => {
          const view = (side: "before" | "after") =>
            Object.fromEntries(
              Object.entries(entries).map(([key, [before, after, oldStore, newStore]]) => [
                key,
                side === "before" ? seen(before, oldStore) : seen(after, newStore),
              ]),
            );
          const hasMoved = Object.values(entries).some(([before, after, oldStore, newStore]) =>
            oldStore === newStore
              ? Object.values(before).join() !== Object.values(after).join()
              : visible(before) !== visible(after),
          );
          const args = archiveArgs({ onMissing: isIgnored ? "ignore" : "export" });
          const planned = planArchive(
            facts({
              images: view("after"),
              file,
              recorded: { images: view("before"), args, isReplaced: false },
            }),
            args,
          );
          assert.ok(planned.kind === "planned");
          if (hasMoved) assert.equal(planned.content.action, "rewrite");
          const isKnown = Object.values(entries).every(
            ([{ layers }, , from, to]) => from === to || layers > 0,
          );
          const isThere = file !== nothing || isIgnored;
          if (!hasMoved && isKnown && isThere) assert.equal(planned.content.action, "keep");
        },
      ),
    );
  });
});
