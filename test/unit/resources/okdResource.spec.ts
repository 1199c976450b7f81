import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { stackConfigKeys } from "../../../provider/cluster/connection/fields.js";
import { ImageArchive, ImagePrunePolicy, ImportedImageStream } from "../../../provider/index.js";
import { configKeys } from "../../../provider/resources/stackConfig.js";

type Bag = Readonly<Record<string, unknown>>;

/** The inputs with which one resource is registered, secrets in their wrapping. */
async function registered(make: () => unknown, isPreview = false): Promise<Bag> {
  let found: Bag = {};
  await pulumi.runtime.setMocks(
    {
      newResource({ name, inputs }) {
        found = inputs as Bag;
        return { id: name, state: inputs as object };
      },
      call: () => ({}),
    },
    "shop",
    "dev",
    isPreview,
  );
  make();
  await pulumi.runtime.disconnect();
  return found;
}

const secret = (value: unknown) => pulumi.runtime.isRpcSecret(value);
const unwrapped = (value: unknown): unknown =>
  secret(value) ? pulumi.runtime.unwrapRpcSecret(value) : value;
const image = pulumi.secret("quay.io/hidden/web:v1");

const shown: readonly (readonly [
  title: string,
  make: () => unknown,
  names: readonly string[],
  texts: readonly string[],
])[] = [
  [
    "a stream with a secret source",
    () => new ImportedImageStream("web", { source: image }),
    ["owned", "resolved"],
    ["quay.io/hidden/web", "quay.io/hidden/web:v1"],
  ],
  [
    "a stream with a secret image of one tag",
    () => new ImportedImageStream("web", { tags: { v1: { image }, v2: "quay.io/acme/web:v2" } }),
    ["owned", "resolved"],
    ["quay.io/hidden/web", "quay.io/hidden/web:v1"],
  ],
  [
    "a stream with a secret label",
    () =>
      new ImportedImageStream("web", {
        source: "quay.io/acme/web:v1",
        labels: { team: pulumi.secret("night-shift") },
      }),
    [],
    ["night-shift"],
  ],
  [
    "a stream with a secret address of the cluster",
    () =>
      new ImportedImageStream("web", {
        source: "quay.io/acme/web:v1",
        connection: { host: pulumi.secret("https://hidden:6443") },
      }),
    ["cluster"],
    ["https://hidden:6443"],
  ],
  [
    "a stream whose connection is not known in its parts",
    () =>
      new ImportedImageStream("web", {
        source: "quay.io/acme/web:v1",
        connection: pulumi.secret({ host: "https://hidden:6443", token: "sha256~hush" }),
      }),
    ["cluster"],
    ["https://hidden:6443"],
  ],
  [
    "a stream with a token",
    () =>
      new ImportedImageStream("web", { source: "quay.io/acme/web:v1", connection: { token: "sha256~hush" } }),
    [],
    [],
  ],
  [
    "a policy with a secret namespace",
    () => new ImagePrunePolicy("cleanup", { namespace: pulumi.secret("hidden") }),
    ["lastPrune", "plan"],
    ["hidden"],
  ],
  [
    "a policy with a secret in a selection",
    () => new ImagePrunePolicy("cleanup", { keep: { tags: [pulumi.secret("v1-*"), "x"] } }),
    ["lastPrune", "plan"],
    ["v1-*"],
  ],
  [
    "a policy with a secret report",
    () => new ImagePrunePolicy("cleanup", { planReport: pulumi.secret("out/hidden.html") }),
    [],
    ["out/hidden.html"],
  ],
  [
    "an archive with a secret image",
    () => new ImageArchive("bundle", { path: "web.tar", images: [{ registry: image, as: "web:1" }] }),
    ["content"],
    ["quay.io/hidden/web", "quay.io/hidden/web:v1"],
  ],
  [
    "an archive with a password, which hides nothing else",
    () =>
      new ImageArchive("bundle", {
        path: "web.tar",
        images: ["quay.io/acme/web:v1"],
        registries: { "quay.io": { username: "robot", password: "hush-hush" } },
      }),
    [],
    ["hush-hush"],
  ],
  [
    "an archive with short secrets, which no text can be without",
    () => new ImageArchive("bundle", { path: "web.tar", images: [pulumi.secret("a/b")] }),
    ["content"],
    [],
  ],
];

describe("Secret arguments of a resource", () => {
  for (const [title, make, names, texts] of shown) {
    it(`make exactly those outputs secret that show them: ${title}`, async () => {
      const inputs = await registered(make);

      const outputs = ["resolved", "owned", "cluster", "plan", "lastPrune", "content"];
      const hidden = outputs.filter((name) => secret(inputs[name])).sort();
      assert.deepEqual(hidden, names.toSorted());
      assert.deepEqual(outputs.filter((name) => inputs[name] !== undefined).sort(), names.toSorted());
      assert.deepEqual(((inputs.__secretOutputs ?? []) as string[]).toSorted(), names.toSorted());
      assert.equal(inputs.__confidential === undefined || secret(inputs.__confidential), true);
      assert.deepEqual(unwrapped(inputs.__confidential) ?? [], texts);
    });
  }

  it("keep a proxy's login secret, in the arguments of every resource, however it is given", async () => {
    const proxyHeaders = { proxyBasicAuth: "ann:hush", userAgent: "robot/1" };
    const given = [
      { proxyHeaders, noProxy: ".lan" },
      { proxyHeaders: pulumi.output(proxyHeaders), noProxy: ".lan" },
      pulumi.output({ proxyHeaders, noProxy: ".lan" }),
    ];
    for (const connection of given) {
      const all = [
        () => new ImportedImageStream("web", { source: "quay.io/acme/web:v1", connection }),
        () => new ImagePrunePolicy("cleanup", { connection }),
        () => new ImageArchive("bundle", { path: "web.tar", images: ["a/b"], connection }),
      ];
      for (const make of all) {
        const { connection: sent } = await registered(make);
        const { proxyHeaders: headers, noProxy } = unwrapped(sent) as Bag;
        assert.ok(secret(headers) || secret(sent), JSON.stringify(sent));
        assert.deepEqual(unwrapped(headers), proxyHeaders);
        assert.equal(noProxy, ".lan");
      }
    }
  });

  it("leave all outputs known in a preview when one of them is unknown", async () => {
    const unknown = pulumi.secret(pulumi.unknown as string);
    const inputs = await registered(() => new ImportedImageStream("web", { source: unknown }), true);

    assert.equal(unwrapped(inputs.resolved), null);
    assert.equal(inputs.__confidential, undefined);
  });
});

describe("Mistakes of the program", () => {
  class Foreign extends pulumi.ProviderResource {
    constructor() {
      super("kubernetes", "cluster", {});
    }
  }
  const untyped = { ImageArchive, ImagePrunePolicy, ImportedImageStream } as unknown as Record<
    string,
    new (name: string, args?: unknown, options?: unknown) => unknown
  >;
  const rows: readonly (readonly [title: string, make: () => unknown, message: RegExp])[] = [
    [
      "a stream without arguments",
      () => new untyped.ImportedImageStream!("web"),
      /^ImportedImageStream "web": the arguments are missing; source, tags, repository, reimport or sourceRepository is required$/,
    ],
    [
      "an archive without arguments",
      () => new untyped.ImageArchive!("bundle"),
      /^ImageArchive "bundle": the arguments are missing; path and images are required$/,
    ],
    [
      "arguments that are no object",
      () => new untyped.ImagePrunePolicy!("cleanup", "shop"),
      /the arguments must be an object/,
    ],
    [
      "arguments that are an output",
      () => new untyped.ImageArchive!("bundle", pulumi.output({})),
      /the arguments must be an object/,
    ],
    [
      "a computed input as argument",
      () => new untyped.ImagePrunePolicy!("cleanup", { plan: {} }),
      /plan is not an argument of this resource; it is computed/,
    ],
    [
      "a summary as argument",
      () => new untyped.ImportedImageStream!("web", { source: "a/b", summary: "x" }),
      /summary is not an argument/,
    ],
    [
      "a kubernetes provider as option",
      () => new ImagePrunePolicy("cleanup", {}, { provider: new Foreign() }),
      /Use connection: connectionFrom\(provider\) instead/,
    ],
  ];
  for (const [title, make, message] of rows) {
    it(`are RunErrors, which Pulumi prints without a stack: ${title}`, async () => {
      let thrown: unknown;
      await registered(() => {
        try {
          make();
        } catch (error) {
          thrown = error;
        }
      });

      assert.ok(pulumi.RunError.isInstance(thrown), String(thrown));
      assert.match(thrown.message, message);
    });
  }

  it("are RunErrors where a digest is asked of a missing tag", async () => {
    await registered(() => undefined);
    const web = new ImportedImageStream("web", { source: "quay.io/acme/web:v1" });
    const resolved = { v1: { error: "tags.v1: no such image [IMPORT_NOT_FOUND]" } };
    Object.assign(web, { resolved: pulumi.output(resolved) });
    const messageOf = async (tag: string) => {
      const digest = web.digest(tag) as unknown as { promise(): Promise<string> };
      const error: unknown = await digest.promise().catch((failure: unknown) => failure);
      assert.ok(pulumi.RunError.isInstance(error), String(error));
      return error.message;
    };

    assert.equal(await messageOf("v2"), 'The image stream has no tag "v2"; it has v1.');
    assert.equal(await messageOf("constructor"), 'The image stream has no tag "constructor"; it has v1.');
    assert.equal(await messageOf("v1"), "tags.v1: no such image [IMPORT_NOT_FOUND]");
  });

  const mistyped: readonly (readonly [key: string, meant: string | undefined])[] = [
    ["okd:contxt", "okd:context"],
    ["okd:kubeConfig", "okd:kubeconfig"],
    ["okd:cacert", "okd:caCert"],
    ["okd:skipTLSverify", "okd:skipTlsVerify"],
    ["okd:context", undefined],
    ["okd:somethingElse", undefined],
    ["shop:contxt", undefined],
  ];
  for (const [key, meant] of mistyped) {
    it(`are RunErrors, or none: stack config ${key}`, async () => {
      const before = pulumi.runtime.allConfig();
      await registered(() => {
        pulumi.runtime.setAllConfig({ [key]: "prod" });
        try {
          const make = () => new ImagePrunePolicy("cleanup");
          if (meant === undefined) assert.doesNotThrow(make);
          else {
            assert.throws(make, {
              message: `stack config ${key}: is not a setting of a connection; did you mean ${meant}?`,
              __pulumiRunError: true,
            });
          }
        } finally {
          pulumi.runtime.setAllConfig(before);
        }
      });
    });
  }

  it("are found for every key of the stack's config", () => {
    assert.deepEqual(configKeys.toSorted(), stackConfigKeys.toSorted());
  });

  it("exclude a policy without arguments", async () => {
    const inputs = await registered(() => new ImagePrunePolicy("cleanup"));

    assert.match(String(inputs.__urn), /::cleanup$/);
  });
});

describe("The argument pullSecret", () => {
  const login = { username: "robot-account", password: "hunter2-in-clear" };

  it("is a secret input, also where it is given in clear, and other arguments are not", async () => {
    const args = { tags: { v1: "quay.io/acme/web:v1" }, pullSecret: { auths: { "quay.io": login } } };
    const inputs = await registered(() => new ImportedImageStream("web", args));

    assert.ok(secret(inputs.pullSecret));
    assert.deepEqual(unwrapped(inputs.pullSecret), args.pullSecret);
    assert.ok(!secret(inputs.tags));
    const { pullSecret: _, ...others } = inputs;
    assert.doesNotMatch(JSON.stringify(others), /hunter2/);
  });

  it("is left out where it is not given", async () => {
    const inputs = await registered(() => new ImportedImageStream("web", { source: "quay.io/acme/web:v1" }));
    assert.ok(!secret(inputs.pullSecret));
  });
});
