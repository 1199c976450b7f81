import assert from "node:assert/strict";
import { isDockerfile, readDockerfile } from "../../../../provider/usage/customResources/dockerfile.js";

const lines = (...each: readonly string[]) => each.join("\n");
const read = (text: string, buildArgs: Readonly<Record<string, string>> = {}) =>
  readDockerfile(text, new Map(Object.entries(buildArgs)));

describe("readDockerfile", () => {
  const rows: readonly (readonly [what: string, text: string, images: readonly string[]])[] = [
    ["the image it begins with", "FROM shop/base:1", ["shop/base:1"]],
    ["a platform", "FROM --platform=linux/amd64 shop/base:1", ["shop/base:1"]],
    ["any case and blanks", "  from\tshop/base:1   as\tbuild", ["shop/base:1"]],
    [
      "line ends of Windows",
      "FROM shop/base:1\r\nRUN true\r\nFROM shop/other:1\r\n",
      ["shop/base:1", "shop/other:1"],
    ],
    [
      "stages, which are no images",
      lines(
        "FROM a/b:1 AS Build",
        "FROM build AS test",
        "COPY --from=build /x /x",
        "COPY --from=0 /y /y",
        "FROM scratch",
      ),
      ["a/b:1"],
    ],
    [
      "a stage that is named like an image before it",
      lines("FROM web", "FROM a/b:1 AS web", "FROM web"),
      ["web", "a/b:1"],
    ],
    [
      "images that are copied from",
      lines("FROM a/b:1", "COPY --chown=1 --from=c/d:2 /x /"),
      ["a/b:1", "c/d:2"],
    ],
    [
      "images that are mounted",
      lines("FROM a/b:1", "RUN --mount=type=bind,from=c/d:2,target=/x --network=none true"),
      ["a/b:1", "c/d:2"],
    ],
    [
      "defaults of arguments",
      lines("ARG BASE=a/b:1", "FROM ${BASE}", 'ARG B="c/d:2"', "FROM $B"),
      ["a/b:1", "c/d:2"],
    ],
    [
      "arguments made of arguments",
      lines("ARG TAG=2 NAME=b", "ARG BASE=a/$NAME:${TAG}", "FROM $BASE"),
      ["a/b:2"],
    ],
    ["defaults in their place", "FROM a/b:${TAG:-3}", ["a/b:3"]],
    ["arguments without a value", lines("ARG TAG", "FROM a/b:${TAG}"), ["a/b:${TAG}"]],
    [
      "lines that go on, with comments between them",
      lines("FROM \\", "  # why", "", "  a/b:1 \\", "  AS x", "COPY --from=x / /"),
      ["a/b:1"],
    ],
    ["another escape", lines("# escape=`", "FROM `", "a/b:1"), ["a/b:1"]],
    ["comments", lines("# FROM a/b:1", "FROM c/d:1", "#FROM e/f:1"), ["c/d:1"]],
    [
      "here-documents, which are no instructions",
      lines(
        "FROM a/b:1",
        "RUN <<EOF cat <<-'END' > /x",
        "FROM c/d:1",
        "EOF",
        "FROM e/f:1",
        "\tEND",
        "FROM g/h:1",
      ),
      ["a/b:1", "g/h:1"],
    ],
    [
      "a here-document that does not end",
      lines("FROM a/b:1", "RUN cat <<EOF", "FROM c/d:1"),
      ["a/b:1", "c/d:1"],
    ],
  ];
  for (const [what, text, images] of rows) {
    it(`reads ${what}`, () => assert.deepEqual(read(text).images, images));
  }

  it("reads with the arguments of the build, and with the defaults", () => {
    const text = lines("ARG TAG=1", "ARG OTHER", "FROM a/b:${TAG}", "FROM a/c:${OTHER}");
    assert.deepEqual(read(text, { TAG: "2", OTHER: "3" }).images, [
      "a/b:1",
      "a/c:${OTHER}",
      "a/b:2",
      "a/c:3",
    ]);
  });

  it("leaves other texts to the reader of texts", () => {
    const text = lines("FROM a/b:1 AS x", "COPY --from=x a b", "RUN <<EOF", "skopeo inspect c/d:1", "EOF");
    assert.deepEqual(read(text).rest, ["a b", "<<EOF", "skopeo inspect c/d:1", "EOF"]);
  });

  it("stays small when arguments expand each other", () => {
    const grown = Array.from({ length: 100 }, (_, at) => `ARG A${at + 1}=$A${at}$A${at}$A${at}`);
    const { images } = read(lines("ARG A0=aaaaaaaaaaaaaaaa", ...grown, "FROM $A100"));
    assert.ok((images[0] ?? "").length < 2000);
  });
});

describe("isDockerfile", () => {
  for (const [text, expected] of [
    ["FROM a", true],
    ["# x\n\n  from a", true],
    ["it came FROM a", false],
    ["FROM", false],
    ["FROMAGE a", false],
  ] as const) {
    it(`says ${expected} for ${JSON.stringify(text)}`, () => assert.equal(isDockerfile(text), expected));
  }
});
