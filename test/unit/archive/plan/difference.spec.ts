import assert from "node:assert/strict";
import fc from "fast-check";
import type { ArchivedImage, FoundArchive } from "../../../../provider/archive/filePorts.js";
import type { ContentImage } from "../../../../provider/archive/outputs.js";
import { archiveDifference, type WantedArchive } from "../../../../provider/archive/plan/difference.js";
import type { SourceImage } from "../../../../provider/archive/plan/resolvedImage.js";
import { parsePlatform } from "../../../../provider/oci/platform.js";
import { contentImage, digestOf } from "../../../support/builders/archiveContent.js";

type Archive = Extract<FoundArchive, { readonly kind: "archive" }>;

const config = digestOf("c0");
const manifest = digestOf("a0");
const index = digestOf("b0");
const diffIds = [digestOf("d1"), digestOf("d2")];
const web = "acme/web:v1";

/** An image of a docker-archive. */
function archived(more: Partial<ArchivedImage> = {}): ArchivedImage {
  return {
    names: [web],
    configDigest: config,
    manifestDigest: undefined,
    indexDigest: undefined,
    diffIds,
    platform: { os: "linux", architecture: "amd64" },
    ...more,
  };
}

const child = (text: string, more: Partial<ArchivedImage> = {}) =>
  archived({
    configDigest: digestOf(`c${text.length}${text.charCodeAt(8)}`),
    manifestDigest: digestOf(`a${text.length}${text.charCodeAt(8)}`),
    indexDigest: index,
    platform: parsePlatform(text),
    ...more,
  });

function found(images: readonly ArchivedImage[], more: Partial<Archive> = {}): Archive {
  return {
    kind: "archive",
    identity: { format: "docker-archive", images },
    compression: "none",
    ...more,
  };
}

interface Entry extends Partial<ContentImage> {
  readonly key?: string;
  readonly configs?: readonly string[];
}

function fromRegistry({ key = web, configs = [config], ...content }: Entry = {}): SourceImage {
  return {
    key,
    configs,
    content: contentImage({ identity: "manifest", digest: manifest, ...content }),
    origin: { kind: "registry", find: () => Promise.reject(new Error("nobody asks")) },
  };
}

/** Of an engine that names the config; with `identity: "manifest"` of one with containerd's store. */
function fromEngine(
  { key = web, ...content }: Entry = {},
  chosen: { readonly platforms?: readonly string[]; readonly manifests?: readonly string[] } = {},
): SourceImage {
  const platforms = (chosen.platforms ?? []).map((text) => parsePlatform(text)!);
  return {
    key,
    configs: [],
    content: contentImage({ digest: config, ...content }),
    origin: { kind: "engine", reference: key, platforms, manifests: chosen.manifests ?? [] },
  };
}

function difference(
  archive: Archive,
  images: readonly SourceImage[],
  more: Partial<WantedArchive> = {},
): string | undefined {
  return archiveDifference(archive, { format: "docker-archive", compression: "none", images, ...more });
}

const one = found([archived()]);
const multi = [child("linux/amd64"), child("linux/arm64")];
const both = { platforms: ["linux/amd64", "linux/arm64"] };

describe("an archive is the wanted one", () => {
  const cases: Readonly<Record<string, readonly [Archive, readonly SourceImage[], Partial<WantedArchive>?]>> =
    {
      "by the config of an engine's image": [one, [fromEngine()]],
      "by the config of a registry's image": [one, [fromRegistry()]],
      "by its manifest": [found([archived({ manifestDigest: manifest })]), [fromRegistry({ configs: [] })]],
      "by its index": [found(multi), [fromRegistry({ digest: index, configs: [], ...both })]],
      "by the index of the chosen platforms": [
        found(multi),
        [fromRegistry({ configs: [], archivedDigest: index, ...both })],
      ],
      "by its layers, when an engine's store names no config": [
        one,
        [fromEngine({ digest: manifest, identity: "manifest" })],
      ],
      "by the manifests of an engine's chosen platforms, whatever index is made of them": [
        found(multi),
        [
          fromEngine(
            { digest: digestOf(5), identity: "manifest", ...both },
            { ...both, manifests: multi.map(({ manifestDigest }) => manifestDigest!) },
          ),
        ],
      ],
      "whole, where an engine may choose and names one platform": [
        found(multi),
        [fromEngine({ digest: index, identity: "manifest", platforms: ["linux/arm64"] })],
      ],
      "where its platforms are not known yet": [
        found([archived({ manifestDigest: manifest })]),
        [
          {
            ...fromRegistry({ configs: [] }),
            content: { digest: manifest, identity: "manifest", names: [web] },
          },
        ],
      ],
      "with two names of one image": [
        found([archived({ names: [web, "docker.io/acme/web:stable"] })]),
        [fromEngine(), fromEngine({ key: "acme/web:stable", names: ["acme/web:stable"] })],
      ],
      "under another spelling of the name": [
        found([archived({ names: ["docker.io/library/x:latest"] })]),
        [fromEngine({ names: ["x"] })],
      ],
      "without a name": [found([archived({ names: [] })]), [fromEngine({ names: [] })]],
      "with an image by its ID too": [one, [fromEngine(), fromEngine({ key: config, names: [] })]],
      "with a digest for a name beside its tag": [
        found([archived({ names: [web, `acme/web@${manifest}`] })]),
        [fromEngine()],
      ],
      "with an index and one of its images under a name of its own": [
        found([...multi, { ...multi[0]!, indexDigest: undefined, names: ["acme/one:v1"] }]),
        [
          fromRegistry({ digest: index, configs: multi.map(({ configDigest }) => configDigest!), ...both }),
          fromRegistry({
            key: "acme/one:v1",
            digest: multi[0]!.manifestDigest!,
            configs: [multi[0]!.configDigest!],
            names: ["acme/one:v1"],
          }),
        ],
      ],
      "for a variant that only one side names": [
        found([archived({ platform: { os: "linux", architecture: "arm", variant: "v6" } })]),
        [fromEngine({ platforms: ["linux/arm"] })],
      ],
      "for a variant that its config does not name": [
        found([archived({ platform: { os: "linux", architecture: "arm" } })]),
        [fromRegistry({ platforms: ["linux/arm/v6"] })],
      ],
      "in both forms at once": [
        found([archived()], { identity: { format: "hybrid", images: [archived()] } }),
        [fromEngine()],
        { format: "oci-archive" },
      ],
      "in any form, for an engine's own": [
        found([archived()], { identity: { format: "oci-archive", images: [archived()] } }),
        [fromEngine()],
        { format: "engine" },
      ],
      "compressed as it is to be": [
        found([archived()], { compression: "zstd" }),
        [fromEngine()],
        { compression: "zstd" },
      ],
    };
  for (const [title, [archive, images, more]] of Object.entries(cases)) {
    it(title, () => assert.equal(difference(archive, images, more), undefined));
  }
});

describe("an archive is not the wanted one, and says why", () => {
  const other = archived({ configDigest: digestOf("c9"), names: ["acme/db:v1"], diffIds: [digestOf("d9")] });
  const cases: Readonly<
    Record<string, readonly [string, Archive, readonly SourceImage[], Partial<WantedArchive>?]>
  > = {
    "for another kind of reader": [
      "its format is docker-archive, not oci-archive",
      one,
      [fromEngine()],
      { format: "oci-archive" },
    ],
    compressed: [
      "its compression is gzip, not none",
      found([archived()], { compression: "gzip" }),
      [fromEngine()],
    ],
    "not compressed": ["its compression is none, not gzip", one, [fromEngine()], { compression: "gzip" }],
    "compressed otherwise": [
      "its compression is gzip, not zstd",
      found([archived()], { compression: "gzip" }),
      [fromEngine()],
      { compression: "zstd" },
    ],
    "without the image": ["it does not hold acme/web:v1", found([other]), [fromEngine()]],
    "with another image under the name": [
      "it holds another image as acme/web:v1",
      found([{ ...other, names: [`docker.io/${web}`] }]),
      [fromEngine()],
    ],
    "with a rebuild that has the same layers, for a registry": [
      "it holds another image as acme/web:v1",
      found([archived({ configDigest: digestOf("c9") })]),
      [fromRegistry()],
    ],
    "with a rebuild that has the same layers, for an engine that names configs": [
      "it holds another image as acme/web:v1",
      found([archived({ configDigest: digestOf("c9") })]),
      [fromEngine()],
    ],
    "without a layer, for every store": [
      "it does not hold acme/web:v1",
      found([archived({ names: [], diffIds: [] })]),
      [fromEngine({ digest: manifest, identity: "manifest" })],
    ],
    "without the name": [
      "it holds acme/web:v1 without the name acme/web:v1",
      found([archived({ names: [] })]),
      [fromEngine()],
    ],
    "without one of two names": [
      "it holds acme/web:stable without the name acme/web:stable",
      one,
      [fromEngine(), fromEngine({ key: "acme/web:stable", names: ["acme/web:stable"] })],
    ],
    "with a name more": [
      'it also has the name "acme/web:stable" for acme/web:v1',
      found([archived({ names: [web, "acme/web:stable"] })]),
      [fromEngine()],
    ],
    "with a name where there is to be none": [
      `it also has the name "${web}" for ${config}`,
      one,
      [fromEngine({ key: config, names: [] })],
    ],
    "with an image more": ['it also holds "acme/db:v1"', found([archived(), other]), [fromEngine()]],
    "with an image more that has no name": [
      `it also holds ${digestOf("c9")}`,
      found([archived(), { ...other, names: [] }]),
      [fromEngine()],
    ],
    "without a platform": [
      "it holds acme/web:v1 without linux/arm64",
      found(multi.slice(0, 1)),
      [fromRegistry({ digest: index, ...both })],
    ],
    "for another platform": [
      "it holds acme/web:v1 without linux/arm64",
      one,
      [fromRegistry({ platforms: ["linux/arm64"] })],
    ],
    "for a platform more": [
      "it holds acme/web:v1 for linux/arm64 too",
      found(multi),
      [fromRegistry({ digest: index, platforms: ["linux/amd64"] })],
    ],
    "for a platform more than an engine was asked for": [
      "it holds acme/web:v1 for linux/arm64 too",
      found(multi),
      [fromEngine({ digest: index, identity: "manifest" }, { platforms: ["linux/amd64"] })],
    ],
    "for another variant": [
      "it holds acme/web:v1 without linux/arm/v7",
      found([archived({ platform: { os: "linux", architecture: "arm", variant: "v6" } })]),
      [fromRegistry({ platforms: ["linux/arm/v7"] })],
    ],
  };
  for (const [title, [why, archive, images, more]] of Object.entries(cases)) {
    it(title, () => assert.equal(difference(archive, images, more), why));
  }

  it("is not the wanted one with names that somebody else has written, which are quoted", () => {
    const name = "x:1\u001b[2J\nfake";
    const why = difference(found([archived({ names: [web, name] })]), [fromEngine()]);
    assert.match(why ?? "", /^it also has the name "x:1\\u001b\[2J\\nfake" for/);
  });
});

describe("an archive of any images under any names", () => {
  /** Which of three images each of five names stands for; 3 for none. */
  const naming = fc.array(fc.nat(3), { minLength: 5, maxLength: 5 });
  const nameOf = (at: number) => `acme/n${at}:v1`;
  const configOf = (each: number) => digestOf(`c${each}`);

  it("is the wanted one just when both give every name to the same image", () => {
    fc.assert(
      fc.property(naming, naming, (held, asked) => {
        fc.pre([held, asked].every((names) => names.some((each) => each < 3)));
        const images = [0, 1, 2].flatMap((each) => {
          const names = held.flatMap((image, at) => (image === each ? [nameOf(at)] : []));
          return names.length === 0 ? [] : [archived({ names, configDigest: configOf(each) })];
        });
        const wanted = asked.flatMap((image, at) =>
          image === 3 ? [] : [fromEngine({ key: nameOf(at), digest: configOf(image), names: [nameOf(at)] })],
        );
        assert.equal(difference(found(images), wanted) === undefined, held.join() === asked.join());
      }),
    );
  });
});
