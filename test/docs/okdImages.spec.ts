import assert from "node:assert/strict";
import { pageAt } from "../support/documented/pages.js";
import { evaluated, programRows } from "../support/documented/programLines.js";
import { type ImportWorld, startImportWorld } from "../support/worlds/imports.js";
import type { TagReference } from "../../provider/okd/imageStream.js";

/** What a row's line has done to the stream `web`, which had the tag v1 of somebody else before. */
interface Outcome {
  readonly world: ImportWorld;
  readonly failure: string;
  /** Of `quay.io/acme/web:v1`, and of `quay.io/acme/ruby:2.0`. */
  readonly digests: { readonly web: string; readonly ruby: string };
}

type Check = (outcome: Outcome) => void;

const tag = ({ world }: Outcome, name: string): TagReference | undefined =>
  world.stream()?.spec.tags?.find((each) => each.name === name);
const served =
  (name: string, image: "web" | "ruby"): Check =>
  ({ world, digests }) =>
    assert.equal(world.served(name), digests[image]);
const source =
  (name: string, kind: string, from: RegExp): Check =>
  (outcome) => {
    assert.equal(tag(outcome, name)?.from?.kind, kind);
    assert.match(tag(outcome, name)?.from?.name ?? "", from);
  };
const all =
  (...checks: readonly Check[]): Check =>
  (outcome) => {
    for (const check of checks) check(outcome);
  };
const policy =
  (name: string, expected: object): Check =>
  (outcome) => {
    for (const [key, value] of Object.entries(expected))
      assert.equal((tag(outcome, name)?.importPolicy as Record<string, unknown>)[key], value, key);
  };
const isLocal: Check = (outcome) => assert.equal(tag(outcome, "v1")?.referencePolicy?.type, "Local");
const isReference: Check = (outcome) => assert.equal(tag(outcome, "v1")?.reference, true);
const tags =
  (...names: readonly string[]): Check =>
  ({ world }) =>
    assert.deepEqual(
      world
        .stream()
        ?.spec.tags?.map(({ name }) => name)
        .toSorted(),
      names,
    );
const lookup: Check = ({ world }) => assert.equal(world.stream()?.spec.lookupPolicy?.local, true);
const secretKeys =
  (...keys: readonly string[]): Check =>
  ({ world }) => {
    const secret = world.sandbox.stored("secrets", "web-pull", "shop") as unknown as {
      readonly data: Readonly<Record<string, string>>;
    };
    const config = Buffer.from(secret.data[".dockerconfigjson"] ?? "", "base64").toString();
    assert.deepEqual(Object.keys((JSON.parse(config) as { auths: object }).auths).toSorted(), keys);
  };
const annotated: Check = (outcome) => assert.equal(tag(outcome, "v1")?.annotations?.description, "web");

const procedures: Readonly<Record<string, Check>> = {
  "`oc tag ruby:2.0 ruby:static-2.0`": all(
    served("static-2.0", "ruby"),
    source("static-2.0", "ImageStreamImage", /^ruby@sha256:/),
  ),
  "`oc tag --alias ruby:2.0 ruby:latest`": all(
    served("latest", "ruby"),
    source("latest", "ImageStreamTag", /^2\.0$/),
  ),
  "`oc tag --scheduled`": policy("v1", { scheduled: true }),
  "`oc tag --reference`": isReference,
  "`oc tag --reference-policy=local`": isLocal,
  "dated tags that are taken away later": tags("v2"),
  "`oc tag -d web:v1`": tags("v2"),
  "a DockerImage by tag": served("v1", "web"),
  "a DockerImage by digest": all(served("v1", "web"), source("v1", "DockerImage", /@sha256:/)),
  "an ImageStreamTag as the source": served("v1", "ruby"),
  "an ImageStreamImage as the source": served("v1", "ruby"),
  "`oc set image-lookup web`": lookup,
  "`oc import-image web --from=quay.io/acme/web --confirm`": served("latest", "web"),
  "`oc import-image web --all`": tags("latest", "v1", "v2"),
  "`oc import-image web:v1`": served("v1", "web"),
  "`spec.dockerImageRepository`": ({ world }) =>
    assert.equal(world.stream()?.spec.dockerImageRepository, "quay.io/acme/web"),
  "`importPolicy.scheduled: true`": policy("v1", { scheduled: true }),
  "the annotation `openshift.io/image.insecureRepository`": ({ world }) =>
    assert.equal(world.stream()?.metadata.annotations?.["openshift.io/image.insecureRepository"], "true"),
  "`importPolicy.insecure: true`": policy("v1", { insecure: true }),
  "`referencePolicy.type: Local`": isLocal,
  "an insecure registry through the integrated one": all(isLocal, policy("v1", { insecure: true })),
  "a private registry": secretKeys("quay.io"),
  "a registry with a port, or without TLS": secretKeys("quay.io:80"),
  "delegated authentication": secretKeys("quay.io", "sso.example.com"),
  "`oc tag other/app:v1 web:v1`": all(served("v1", "web"), (outcome) =>
    assert.equal(tag(outcome, "v1")?.from?.namespace, "other"),
  ),
  "an import by the internal pull spec": source("v1", "DockerImage", /svc:5000\/other\/app:v1$/),
  "a stream's definition with annotations": all(annotated, ({ world }) =>
    assert.equal(world.stream()?.metadata.annotations?.["openshift.io/display-name"], "Web"),
  ),
  "`from.kind: ImageStreamTag` in a definition": source("v1", "ImageStreamTag", /^2\.0$/),
  "pulls through the integrated registry": isLocal,
};

const fields: Readonly<Record<string, Check>> = {
  "`spec.import: true`": served("v1", "web"),
  "`spec.images[].from`": source("v1", "DockerImage", /^quay\.io\/acme\/web:v1$/),
  "`spec.images[].to`": source("v1", "DockerImage", /^quay\.io\/acme\/web:v2$/),
  "`spec.images[].importPolicy`": policy("v1", {
    insecure: true,
    scheduled: true,
    importMode: "PreserveOriginal",
  }),
  "`spec.images[].referencePolicy`": isLocal,
  "`spec.repository.from`": tags("latest", "v1", "v2"),
  "`spec.repository.importPolicy`": policy("v2", { insecure: true }),
  "`spec.repository.referencePolicy`": isLocal,
  "`status.images[].status`": ({ failure }) => assert.match(failure, /\[IMPORT_NOT_FOUND\]/),
  "`status.images[].image`": served("v1", "web"),
  "`spec.tags[].generation: 0`": served("v1", "web"),
  "`spec.lookupPolicy.local`": lookup,
  "`spec.tags[].reference`": isReference,
  "`spec.tags[].annotations`": annotated,
};

/** Rows of which the source cannot be reached in the sandbox: what is written counts. */
const unreachable = new Set(["an import by the internal pull spec"]);

describe("the rows of docs/from/okd-images.md", () => {
  const page = pageAt("docs/from/okd-images.md");
  let world: ImportWorld;
  let digests: Outcome["digests"];

  beforeEach(async () => {
    world = await startImportWorld({ namespaces: ["shop", "other"] });
    const web = world.publish("v1", "web");
    world.publish("latest", "web");
    world.publish("v2", "two");
    digests = { web, ruby: world.publish("2.0", "ruby", "acme/ruby") };
    await world.seedTag("2.0", "quay.io/acme/ruby:2.0", "ruby");
    await world.seedTag("v1", "quay.io/acme/web:v1");
    const app = { namespace: "other", name: "app", tags: { v1: "quay.io/acme/web:v1" } };
    await world.pulumi("app").up({ connection: world.connection, ...app });
  });
  afterEach(() => world.sandbox.close());

  async function apply(line: string, digest: string): Promise<string> {
    const declared = evaluated(line.replaceAll("DIGEST", digest), {}) as object;
    // Values of another context are not of this one's classes.
    const given = JSON.parse(JSON.stringify(declared)) as object;
    const where = { connection: world.connection, namespace: "shop", name: "web", adopt: true };
    const pulumi = world.pulumi();
    const before = { ...where, tags: { v1: "quay.io/acme/web:v1" } };
    await pulumi.up(before);
    return await pulumi.up({ ...where, ...given }).then(
      () => "",
      (error: unknown) => (error as Error).message,
    );
  }

  for (const [heading, checks] of [
    ["Managing images", procedures],
    ["ImageStreamImport", fields],
  ] as const) {
    const rows = programRows(page, heading);

    it(`${heading}: every row has a run, and every run a row`, () => {
      assert.deepEqual(rows.map(({ option }) => option).toSorted(), Object.keys(checks).toSorted());
    });

    for (const { option, line } of rows) {
      it(`${heading}: ${option} is done by ${line}`, async () => {
        const digest = line.includes("ruby@") ? digests.ruby : digests.web;
        const failure = await apply(line, digest);
        if (!unreachable.has(option) && !option.includes("status.images[].status")) assert.equal(failure, "");
        checks[option]?.({ world, failure, digests });
      });
    }
  }
});
