import assert from "node:assert/strict";
import fc from "fast-check";
import { parseArgs } from "../../../../provider/archive/args/schema.js";
import { formatIssue } from "../../../../provider/lifecycle/check.js";

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

  const hex = "a".repeat(64);
  const registry = (settings: object) => ({ registries: { "quay.io": settings } });
  const stream = (stream: unknown) => ({ images: [{ stream }] });
  const handle = { namespace: "shop", name: "site", tag: "v1", digest: `sha256:${hex}` };
  const refused: readonly (readonly [RegExp, object])[] = [
    [/^images\[0\]: .*has a sha512 digest/, { images: [`quay.io/a/b@sha512:${"a".repeat(128)}`] }],
    [
      /^images\[0\]\.registry: .*upper case digits/,
      { images: [{ registry: `quay.io/a/b@sha256:${"A".repeat(64)}` }] },
    ],
    [/^images\[0\]: .*names a registry and no image/, { images: ["quay.io"] }],
    [/^images\[0\]: .*is an image ID/, { images: [hex] }],
    [/^images\[0\]: .*is an image ID/, { images: [`sha256:${hex}`] }],
    [/^images\[0\]\.registry: .*is an image ID/, { images: [{ registry: "0123456789ab" }] }],
    [/^images\[0\]: .*has the port 99999/, { images: ["quay.io:99999/a/b"] }],
    [/^images\[0\]: .*underscore/, { images: ["foo_bar.io/a/b"] }],
    [/^images\[0\]\.stream\.namespace: /, stream({ ...handle, namespace: "a/b" })],
    [/^images\[0\]\.stream\.namespace: /, stream({ ...handle, namespace: "" })],
    [/^images\[0\]\.stream\.name: /, stream({ ...handle, name: "a:b" })],
    [/^images\[0\]\.stream\.tag: names neither a tag/, stream({ ...handle, tag: "" })],
    [/^images\[0\]\.stream\.tag: names neither a tag/, stream({ ...handle, tag: "(a+)+$" })],
    [/^images\[0\]\.stream\.digest: /, stream({ ...handle, digest: "junk" })],
    [/^images\[0\]\.stream: .*names neither a tag/, stream("shop/site:(a+)+$")],
    [/^images\[0\]\.stream: .*names neither a tag/, stream("shop/site:!(a)")],
    [/^images\[0\]\.stream: .*names neither a tag/, stream(`shop/site:${"a".repeat(129)}`)],
    [/^images\[0\]\.stream: .*names neither a tag/, stream(`shop/site:${"a".repeat(256)}*`)],
    [/^images\[0\]\.stream: .*\{ that nothing closes/, stream("shop/site:{a,b")],
    [/^images\[0\]\.stream: .*write \[\^/, stream("shop/site:[!a]*")],
    [/^registries\["https:\/\/quay\.io"\]: is not a host/, { registries: { "https://quay.io": {} } }],
    [/^registries\["quay\.io\/acme"\]: is not a host/, { registries: { "quay.io/acme": {} } }],
    [/^registries\["quay\.io:99999"\]: is not a host/, { registries: { "quay.io:99999": {} } }],
    [/^registries\[""\]: is not a host/, { registries: { "": {} } }],
    [/^registries\["QUAY\.IO"\]: .*same.* quay\.io$/, { registries: { "quay.io": {}, "QUAY.IO": {} } }],
    [
      /^registries\["index\.docker\.io"\]: .*same.* docker\.io$/,
      { registries: { "docker.io": {}, "index.docker.io": {} } },
    ],
    [/^registries\["quay\.io"\]\.password: is required/, registry({ username: "ann" })],
    [/^registries\["quay\.io"\]\.username: is required/, registry({ password: secret })],
    [/^registries\["quay\.io"\]\.token: stands for/, registry({ password: secret, token: "t" })],
    [/^registries\["quay\.io"\]\.token: is empty/, registry({ token: "" })],
    [/^registries\["quay\.io"\]\.clientKey: is required/, registry({ clientCert: "c" })],
    [/^registries\["quay\.io"\]\.clientCert: is required/, registry({ clientKey: "c" })],
    ...["https://m", "", "/a", "m:0/a", "m/A", "m/a:v1"].map(
      (mirror) =>
        [/^registries\["quay\.io"\]\.mirrors\[1\]: /, registry({ mirrors: ["m", mirror] })] as const,
    ),
  ];
  for (const [message, inputs] of refused) {
    it(`are refused before any request: ${JSON.stringify(inputs).slice(0, 90)}`, () => {
      const issues = issuesOf(inputs);
      assert.ok(
        issues.some((issue) => message.test(issue)),
        `${String(message)} is not in ${JSON.stringify(issues)}`,
      );
    });
  }

  for (const inputs of [
    {
      registries: {
        "index.docker.io": {},
        "QUAY.IO": {},
        "quay.io:443": {},
        "127.0.0.1:5000": {},
        registry: {},
      },
    },
    registry({ mirrors: ["own.io:5000/cache/", "Mirror.Example.com", "localhost:5000"] }),
    registry({ username: "ann", password: "" }),
    { images: ["web", "localhost/web", "Quay.io:5000/acme/web", `quay.io/a/b:v1@sha256:${hex}`] },
    stream("shop/site:{v1,v2}.[0-9]*-?*-*"),
    stream({ ...handle, tag: "v*", digest: undefined }),
  ]) {
    it(`are accepted where pulls accept them: ${JSON.stringify(inputs)}`, () =>
      assert.deepEqual(issuesOf(inputs), []));
  }

  it("are refused without the password of a URL", () => {
    const url = `https://ann:${secret}@quay.io/a`;
    const places: readonly object[] = [
      { images: [url, url] },
      {
        images: [
          { engine: url, as: url },
          { engine: url, as: url },
        ],
      },
      { images: [`https://ann:x@${secret}@quay.io/a@sha256:${hex}`, stream(url).images[0]] },
      { registries: { [url]: { unknown: 1 } } },
      registry({ mirrors: [url] }),
    ];
    for (const inputs of places) {
      const issues = issuesOf(inputs).join("\n");
      assert.match(issues, /:\/\/\*\*\*@/);
      assert.equal(issues.includes(secret), false, issues);
    }
  });

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

  it("are refused without a secret, wherever another argument is wrong", () => {
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
