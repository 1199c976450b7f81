import assert from "node:assert/strict";
import fc from "fast-check";
import { parseArgs } from "../../../provider/archive/args.js";
import { formatIssue } from "../../../provider/lifecycle/argumentIssues.js";

const secret = "s3cret-of-somebody";
const good = { path: "web.tar", images: ["quay.io/acme/web:v1"] };

/** Every argument, by what its issues begin with, with the type that it has. */
const inEngine = ["host", "context", "caCert", "clientCert", "clientKey", "tlsHostname", "apiVersion"];
const inRegistry = ["username", "password", "token", "caCert", "clientCert", "clientKey"];
const fields: readonly (readonly [string, string, (value: unknown) => object])[] = [
  ["path", "string", (path) => ({ path })],
  ["images", "array", (images) => ({ images })],
  ["images[0]", "entry", (image) => ({ images: [image] })],
  ["images[0].registry", "string", (registry) => ({ images: [{ registry }] })],
  ["images[0].engine", "string", (engine) => ({ images: [{ engine }] })],
  ["images[0].stream", "entry", (stream) => ({ images: [{ stream }] })],
  ["images[0].as", "string", (as) => ({ images: [{ registry: "a", as }] })],
  ["images[0].platforms", "array", (platforms) => ({ images: [{ registry: "a", platforms }] })],
  ["tag", "string", (tag) => ({ tag })],
  ["platforms", "array", (platforms) => ({ platforms })],
  ["platforms[0]", "string", (platform) => ({ platforms: [platform] })],
  ["engine", "object", (engine) => ({ engine })],
  ...inEngine.map(
    (key) => [`engine.${key}`, "string", (value: unknown) => ({ engine: { [key]: value } })] as const,
  ),
  ["engine.skipTlsVerify", "boolean", (skipTlsVerify) => ({ engine: { skipTlsVerify } })],
  ["engine.timeoutSeconds", "number", (timeoutSeconds) => ({ engine: { timeoutSeconds } })],
  ["registries", "object", (registries) => ({ registries })],
  ['registries["quay.io"]', "object", (registry) => ({ registries: { "quay.io": registry } })],
  ...inRegistry.map(
    (key) =>
      [
        `registries["quay.io"].${key}`,
        "string",
        (value: unknown) => ({ registries: { "quay.io": { [key]: value } } }),
      ] as const,
  ),
  ['registries["quay.io"].insecure', "boolean", (insecure) => ({ registries: { "quay.io": { insecure } } })],
  ['registries["quay.io"].mirrors', "array", (mirrors) => ({ registries: { "quay.io": { mirrors } } })],
  ["format", "word", (format) => ({ format })],
  ["compression", "word", (compression) => ({ compression })],
  ["fileMode", "word", (fileMode) => ({ fileMode })],
  ["createDirectories", "boolean", (createDirectories) => ({ createDirectories })],
  ["overwriteUnmanaged", "boolean", (overwriteUnmanaged) => ({ overwriteUnmanaged })],
  ["onDestroy", "word", (onDestroy) => ({ onDestroy })],
  ["onMissing", "word", (onMissing) => ({ onMissing })],
  ["manifest", "boolean", (manifest) => ({ manifest })],
  ["verify", "word", (verify) => ({ verify })],
  ["triggers", "array", (triggers) => ({ triggers })],
  ["timeouts", "object", (timeouts) => ({ timeouts })],
  ["timeouts.create", "duration", (create) => ({ timeouts: { create } })],
];

const values: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  null: fc.constant(null),
  string: fc.constant(secret),
  number: fc.double({ noNaN: true }),
  boolean: fc.boolean(),
  array: fc.constantFrom([], [secret], [null], [[]]),
  object: fc.constantFrom({}, { length: 1 }, { toString: secret }),
};
/** What may be right, for types that are several or words of their own. */
const fitting: Readonly<Record<string, readonly string[]>> = {
  entry: ["string", "object"],
  word: [],
  duration: ["number"],
};

function issuesOf(inputs: object): readonly string[] {
  const parsed = parseArgs({ ...good, ...inputs });
  return parsed.ok ? [] : parsed.issues.map(formatIssue);
}

describe("arguments of ImageArchive that are something else", () => {
  for (const [path, type, inputs] of fields) {
    it(`${path} is refused by its name`, () => {
      const wrong = Object.keys(values).filter((each) => !(fitting[type] ?? [type]).includes(each));
      const value = fc.oneof(...wrong.map((each) => values[each] ?? fc.constant(null)));
      fc.assert(
        fc.property(value, (given) => {
          const issues = issuesOf(inputs(given));
          assert.ok(
            issues.some((issue) => issue.startsWith(`${path}: `) || issue.startsWith(`${path}.`)),
            issues.join(),
          );
        }),
      );
    });
  }

  it("of any shape end in issues that begin with an argument, and never in a crash", () => {
    const keys = [
      "path",
      "images",
      "engine",
      "registries",
      "tag",
      "platforms",
      "timeouts",
      "force",
      "__proto__",
    ];
    const begins = new RegExp(`^(?:${keys.join("|")})[.[:]`);
    const bag = fc.dictionary(fc.constantFrom(...keys), fc.anything({ maxDepth: 3 }));
    fc.assert(
      fc.property(bag, (inputs) => {
        for (const issue of issuesOf(inputs)) assert.match(issue, begins);
      }),
      { numRuns: 300 },
    );
  });

  it("say nothing of what is secret, wherever else there is something wrong", () => {
    const keys = ["password", "token", "clientKey", "caCert", "clientCert"] as const;
    const wrong = fc.constantFrom([secret], { key: secret }, secret);
    const key = fc.constantFrom(...keys);
    fc.assert(
      fc.property(key, wrong, fc.constantFrom("path", "tag", "format", "fileMode"), (name, value, other) => {
        const registries = { "quay.io": { [name]: value, unknown: secret } };
        const issues = issuesOf({ registries, engine: { [name]: value, unknown: secret }, [other]: 5 });
        assert.ok(issues.length >= 3);
        assert.equal(issues.join("\n").includes(secret), false, issues.join("\n"));
      }),
    );
  });
});
