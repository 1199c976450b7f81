import assert from "node:assert/strict";
import { parseArgs as parseArchiveArgs } from "../../provider/archive/args/schema.js";
import { parseArgs as parseStreamArgs } from "../../provider/imports/args/schema.js";
import { parseArgs as parsePolicyArgs } from "../../provider/prune/args/schema.js";
import { documentedDefaults, type ResourceName } from "../support/documented/tables.js";

type Bag = Readonly<Record<string, unknown>>;

const image = "quay.io/acme/web:v1";

/** What can hold every argument, with nothing that has a default. */
const resources: Readonly<
  Record<ResourceName, { readonly parse: (inputs: unknown) => unknown; readonly base: Bag }>
> = {
  ImportedImageStream: {
    parse: parseStreamArgs,
    base: {
      name: "web",
      tags: { v1: { image } },
      repository: { image: "quay.io/acme/web", semver: ">=1", limit: 3 },
    },
  },
  ImagePrunePolicy: { parse: parsePolicyArgs, base: {} },
  ImageArchive: {
    parse: parseArchiveArgs,
    base: { path: "web.tar", images: [{ registry: image }], registries: { "quay.io": {} } },
  },
};

/** Defaults that the users of the arguments fill in. */
const appliedLater: ReadonlySet<string> = new Set(["engine.timeoutSeconds"]);

/** A copy with the value at a path, in which `*` is the only key and `[]` the only entry. */
function withValue(bag: unknown, [step, ...rest]: readonly string[], value: unknown): unknown {
  if (step === undefined) return value;
  if (step === "*")
    return Object.fromEntries(
      Object.entries(bag as Bag).map(([key, held]) => [key, withValue(held, rest, value)]),
    );
  if (step.endsWith("[]")) {
    const name = step.slice(0, -2);
    const [entry] = (bag as Readonly<Record<string, readonly unknown[]>>)[name] ?? [];
    return { ...(bag as Bag), [name]: [withValue(entry ?? {}, rest, value)] };
  }
  const own = (bag as Bag | undefined)?.[step];
  return { ...(bag as Bag), [step]: withValue(own, rest, value) };
}

describe("documented defaults", () => {
  for (const [resource, { parse, base }] of Object.entries(resources)) {
    for (const [path, value] of documentedDefaults(resource as ResourceName)) {
      if (appliedLater.has(path)) continue;
      it(`${resource}: ${path} is ${JSON.stringify(value)} when it is left out`, () => {
        assert.deepEqual(parse(withValue(base, path.split("."), value)), parse(base));
      });
    }
  }
});
