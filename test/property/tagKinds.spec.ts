import assert from "node:assert/strict";
import fc from "fast-check";
import type { ResolvedTags } from "../../provider/imports/outputs.js";
import { type ImportWorld, startImportWorld } from "../support/worlds/imports.js";
import { type Tags, webStream } from "../support/worlds/webStream.js";

const names = ["a", "b", "c", "d"] as const;
const versions = ["v1", "v2", "v3"] as const;
type Version = (typeof versions)[number];

/** What a tag of a generated program is. */
type Source =
  | { readonly kind: "image" | "reference" | "streamTag" | "streamImage"; readonly version: Version }
  | { readonly kind: "alias"; readonly of: string };
type Program = Readonly<Record<string, Source>>;

/** What a person does to a tag between two runs. */
type Edit = { readonly tag: string; readonly kind: "none" | "delete" | "import" | "alias" | "unname" };

const version = fc.constantFrom(...versions);
const source: fc.Arbitrary<Source> = fc.oneof(
  fc.record({ kind: fc.constantFrom("image", "reference", "streamTag", "streamImage"), version }),
  fc.record({ kind: fc.constant("alias" as const), of: fc.constantFrom(...names) }),
);
const program = fc
  .shuffledSubarray([...names], { minLength: 1 })
  .chain((declared) => fc.tuple(...declared.map((name) => fc.tuple(fc.constant(name), source))))
  .map((entries) => withoutLooseEnds(Object.fromEntries(entries)));
const edit: fc.Arbitrary<Edit> = fc.record({
  tag: fc.constantFrom(...names),
  kind: fc.constantFrom("none", "delete", "import", "alias", "unname"),
});
/** The request of a first attempt at which it fails: the nth write of the stream, an import, or none. */
type Trouble = "none" | "import" | 0 | 1;
const trouble = fc.constantFrom<Trouble[]>("none", "none", "import", 0, 1);
const run = fc.record({ program, edit, trouble, isRefreshed: fc.boolean() });
const history = fc.array(run, { minLength: 1, maxLength: 4 });

const refusal = {
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  message: "no",
  reason: "Forbidden",
  code: 403,
};

/** An alias that leads to no image would be refused. */
function withoutLooseEnds(tags: Program): Program {
  return Object.fromEntries(
    Object.entries(tags).map(([name, tag]) => {
      const isLoose =
        tag.kind === "alias" && !["image", "streamTag", "streamImage"].includes(endOf(tags, name));
      return [name, isLoose ? { kind: "image", version: "v1" } : tag];
    }),
  );
}

function endOf(tags: Program, name: string, seen: readonly string[] = []): string {
  const tag = tags[name];
  if (tag === undefined || seen.includes(name)) return "nowhere";
  return tag.kind === "alias" ? endOf(tags, tag.of, [...seen, name]) : tag.kind;
}

for (const aliasChains of ["firstHop", "allHops"] as const) {
  describe(`programs of all kinds of tags, on a server that fills ${aliasChains} of a chain`, () => {
    let world: ImportWorld;
    let digests: Readonly<Record<Version, string>>;
    let builds: Readonly<Record<Version, string>>;

    before(async () => {
      world = await startImportWorld({ aliasChains });
      const published = (repository: string) =>
        Object.fromEntries(
          versions.map((tag) => [tag, world.publish(tag, `${repository} ${tag}`, repository)]),
        ) as Record<Version, string>;
      digests = published("acme/web");
      builds = published("acme/app");
      for (const tag of versions) await world.seedTag(tag, `quay.io/acme/app:${tag}`, "app");
    });
    after(() => world.sandbox.close());

    const argument = (tag: Source): unknown => {
      switch (tag.kind) {
        case "image":
          return `quay.io/acme/web:${tag.version}`;
        case "reference":
          return { image: `quay.io/acme/web:${tag.version}`, reference: true };
        case "streamTag":
          return { imageStreamTag: `app:${tag.version}` };
        case "streamImage":
          return { imageStreamImage: `app@${builds[tag.version].slice(7, 23)}` };
        case "alias":
          return { alias: tag.of };
      }
    };
    const argumentsOf = (tags: Program): Tags =>
      Object.fromEntries(Object.entries(tags).map(([name, tag]) => [name, argument(tag)]));
    const wanted = (tags: Program, name: string): string => {
      const tag = tags[name]!;
      if (tag.kind === "alias") return wanted(tags, tag.of);
      if (tag.kind === "reference") return "";
      return tag.kind === "image" ? digests[tag.version] : builds[tag.version];
    };

    /** As a person with `oc edit` or `oc delete` would, where the tag exists. */
    async function change({ tag, kind }: Edit): Promise<void> {
      const live = world.stream()?.spec.tags?.find(({ name }) => name === tag);
      if (live === undefined || kind === "none") return;
      if (kind === "delete") return world.deleteTag(tag);
      if (kind === "import") {
        if (live.reference !== true) await world.seedTag(tag, "quay.io/acme/web:v3");
        return;
      }
      await world.edit(({ spec }) => {
        if (kind === "unname") spec.tags = spec.tags.filter(({ name }) => name !== tag);
        else spec.tags.find(({ name }) => name === tag)!.from = { kind: "ImageStreamTag", name: "theirs" };
      });
    }

    /** A run that the server refuses at some request, whatever becomes of it. */
    async function attempt(
      pulumi: ReturnType<ImportWorld["pulumi"]>,
      declared: object,
      failing: Exclude<Trouble, "none">,
    ): Promise<void> {
      const effect = { kind: "answer", status: 403, body: refusal } as const;
      const at =
        failing === "import"
          ? { method: "POST" as const, path: "/imagestreamimports", body: `"import":true`, times: 0 }
          : { method: "PUT" as const, path: "/imagestreams/web$", skip: failing };
      world.sandbox.faults.add({ ...at, effect });
      await pulumi.up(declared).catch(() => undefined);
      world.sandbox.faults.clear();
    }

    it("serve what they declare, as the preview said, whatever a person did and wherever a run failed; a second run writes nothing", async () => {
      await fc.assert(
        fc.asyncProperty(history, async (runs) => {
          if (world.stream() !== undefined) await world.deleteStream();
          await world.seedTag("theirs", "quay.io/acme/web:v2");
          const theirs = () =>
            JSON.stringify(
              world
                .stream()
                ?.status?.tags?.find(({ tag }) => tag === "theirs")
                ?.items?.map(({ image }) => image),
            );
          const before = theirs();
          const pulumi = world.pulumi();
          for (const { program: tags, edit: person, trouble: failing, isRefreshed } of runs) {
            await change(person);
            if (isRefreshed && pulumi.state !== undefined) await pulumi.refresh();
            const declared = webStream(world, argumentsOf(tags));
            if (failing !== "none") await attempt(pulumi, declared, failing);
            const preview = await pulumi.preview(declared);
            assert.deepEqual(preview.failures, []);
            const shown = preview.inputs["resolved"] as unknown as ResolvedTags;
            await pulumi.up(declared);
            assert.deepEqual(pulumi.state?.initErrors, []);
            for (const name of Object.keys(tags)) {
              const digest = wanted(tags, name);
              assert.equal(world.served(name), digest, `${name} serves`);
              if (digest !== "")
                assert.equal((shown[name] as { digest?: string }).digest, digest, `${name} shown`);
            }
            const declaredNames = [...Object.keys(tags), "theirs"].sort();
            assert.deepEqual(
              world
                .stream()
                ?.status?.tags?.map(({ tag }) => tag)
                .sort(),
              declaredNames,
            );
            assert.equal(theirs(), before, "what others own");
            const settled = world.stream();
            assert.equal((await pulumi.up(declared)).step, "same");
            assert.deepEqual(world.stream(), settled, "a second run writes nothing");
          }
        }),
        { numRuns: Number(process.env["TAG_KIND_RUNS"] ?? 12) },
      );
    }).timeout(300_000);
  });
}
