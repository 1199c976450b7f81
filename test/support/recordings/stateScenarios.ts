import type { Sandbox } from "okd-image-sandbox";
import type { ProgramSpec, ResourceSpec } from "../cli/programSpec.js";
import type { Stack } from "../cli/stack.js";
import type { RecordedState } from "./states.js";

type Args = Readonly<Record<string, unknown>>;

/** A program, and how a version comes to its state. */
export interface Scenario {
  readonly program: ProgramSpec;
  readonly world?: RecordedState["world"];
  readonly before?: (sandbox: Sandbox) => Promise<void>;
  /** Default: one `up`. */
  readonly play?: (stack: Stack, sandbox: Sandbox) => Promise<unknown>;
}

const token = "sha256~recorded-token-of-the-administrator";
const connection = { host: "https://${api}", token, caCert: "${ca}" };
const kubeconfig = JSON.stringify({
  apiVersion: "v1",
  kind: "Config",
  clusters: [
    { name: "sandbox", cluster: { server: "https://${api}", "certificate-authority-data": "${caBase64}" } },
  ],
  users: [{ name: "admin", user: { token } }],
  contexts: [{ name: "sandbox", context: { cluster: "sandbox", user: "admin", namespace: "apps" } }],
});

const stream = (args: Args, options: ResourceSpec["options"] = {}): ProgramSpec => ({
  resources: [{ type: "stream", name: "web", args, options }],
});
const policy = (args: Args): ProgramSpec => ({
  resources: [{ type: "policy", name: "policy", args: { connection, keepTagRevisions: 2, ...args } }],
});
const archive = (args: Args): ProgramSpec => ({
  resources: [{ type: "archive", name: "bundle", args: { path: "web.tar", ...args } }],
});
const mirrored = {
  registries: { "quay.io": { mirrors: ["${open}"] }, "${open}": { insecure: true } },
};

const post = async (sandbox: Sandbox, path: string, body: object): Promise<void> => {
  const answer = await fetch(`${sandbox.httpUrl}${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${sandbox.adminToken}`,
      "content-type": "application/json",
      "user-agent": "a person",
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
};
const importByHand = (sandbox: Sandbox, tag: string) =>
  post(sandbox, "/apis/image.openshift.io/v1/namespaces/apps/imagestreamimports", {
    kind: "ImageStreamImport",
    apiVersion: "image.openshift.io/v1",
    metadata: { name: "web", namespace: "apps" },
    spec: {
      import: true,
      images: [{ from: { kind: "DockerImage", name: `quay.io/acme/web:${tag}` }, to: { name: tag } }],
    },
  });
const web = (tag: string) => `quay.io/acme/web:${tag}`;
const v1 = "sha256:a369bc3770beda3d61e93c31a57c962b3825ad06180fe37d58234d999f3fac66";

export const scenarios: Readonly<Record<string, Scenario>> = {
  "stream-tags": {
    program: stream({
      connection,
      namespace: "apps",
      source: web("v1"),
      tags: {
        plain: web("v2"),
        pinned: { image: `quay.io/acme/web@${v1}` },
        fresh: { image: web("v3"), scheduled: true, insecure: true },
        multi: { image: web("multi"), importMode: "PreserveOriginal" },
        arm: {
          image: web("multi"),
          importMode: "Legacy",
          annotations: { "importer.image.openshift.io/prefer-arch": "arm64" },
        },
        local: { image: web("v2"), referencePolicy: "Local", annotations: { note: "kept" } },
        short: "busybox:1.36",
      },
      labels: { team: "shop" },
      annotations: { "example.com/owner": "shop" },
      lookupLocal: true,
    }),
  },
  "stream-adopted": {
    program: stream({
      connection: { kubeconfig, context: "sandbox" },
      name: "web",
      tags: { v1: web("v1"), v2: web("v2") },
      adopt: true,
      trackUpstream: "follow",
      triggers: ["2026-11-21", 1],
      timeouts: { check: "90s", create: 600 },
    }),
    async before(sandbox) {
      await importByHand(sandbox, "v1");
      await importByHand(sandbox, "v3");
    },
  },
  "stream-shared": {
    program: {
      resources: [
        { type: "stream", name: "web", args: { connection, namespace: "apps", tags: { v1: web("v1") } } },
        {
          type: "stream",
          name: "more",
          args: {
            connection,
            namespace: "apps",
            name: "web",
            tags: { v2: web("v2") },
            onDestroy: "keep",
          },
          options: { dependsOn: ["web"] },
        },
      ],
    },
  },
  "stream-moved": {
    program: stream({
      connection,
      namespace: "apps",
      tags: { v1: web("v1"), edge: web("v2") },
      trackUpstream: "report",
      onDestroy: "stream",
      deleteInUse: true,
      importMode: "PreserveOriginal",
    }),
    world: { moved: { v1: "v3" } },
    async play(stack, sandbox) {
      await stack.succeed("up", "--yes");
      sandbox.registry("open").moveTag("acme/web", "v1", "v3");
      await stack.succeed("refresh", "--yes");
    },
  },
  "stream-secrets": {
    program: stream({
      connection: { ...connection, token: { $secret: token } },
      namespace: "apps",
      tags: {
        v1: { $secret: web("v1") },
        v2: { image: web("v2"), annotations: { note: { $secret: "recorded-note" } } },
      },
      labels: { $secret: { team: "recorded-team" } },
      annotations: { note: { $secret: "recorded-annotation" } },
    }),
  },
  "stream-failed": {
    program: stream({ connection, namespace: "apps", tags: { v1: web("v1"), v2: web("v2") } }),
    async play(stack, sandbox) {
      const row = { code: 403, reason: "Forbidden", message: "quota of the registry exceeded" };
      sandbox.faults.add({ effect: { kind: "importRow", tag: "v2", row, storingOnly: true }, times: 0 });
      const up = await stack.up("--skip-preview");
      if (up.code === 0) throw new Error("up was to fail");
    },
  },
  "policy-report": {
    program: policy({ mode: "report", planReport: "plan.json" }),
    world: { history: true },
  },
  "policy-executed": {
    program: policy({ limits: { images: 10, revisions: 20, bytes: "1GiB", fraction: 1 } }),
    world: { history: true },
  },
  "policy-cleared": {
    program: policy({
      limits: { revisions: 20, fraction: 1 },
      select: { namespaces: ["sh*"] },
      triggers: [1],
    }),
    world: { history: true },
    async play(stack) {
      await stack.succeed("up", "--yes");
      await stack.succeed("refresh", "--yes");
    },
  },
  "policy-second": {
    program: policy({ limits: { revisions: 20, fraction: 1 } }),
    world: { history: true },
    async play(stack) {
      await stack.succeed("up", "--yes");
      await stack.succeed("up", "--yes");
    },
  },
  "policy-oc": {
    program: policy({
      rules: "oc",
      namespace: "shop",
      allImages: false,
      keepYoungerThan: "720h",
      keepTagRevisions: 5,
      invalidRefs: "ignore",
      registry: { url: "https://${integrated}", caCert: "${ca}" },
      workers: 2,
      asOf: "2026-11-21T08:00:00Z",
      timeouts: { check: "10m" },
    }),
    world: { history: true },
  },
  "policy-settings": {
    program: policy({
      connection: { ...connection, token: { $secret: token } },
      keepTagRevisions: 6,
      keepYoungerThan: 90,
      keepUnreferencedYoungerThan: "48h",
      select: {
        namespaces: ["shop"],
        streams: ["shop/*"],
        tags: ["*"],
        labels: { team: { $secret: "recorded-team" } },
      },
      keep: { digests: [v1], tags: ["v*"], labels: { keep: "true" } },
      extraReferences: [{ apiVersion: "v1", kind: "ConfigMap", jsonPath: { $secret: "$.data.image" } }],
      allowUnreadable: ["builds"],
      force: ["noPods", "zeroRevisions"],
      limits: { $secret: { revisions: 20 } },
    }),
    world: { history: true },
  },
  "policy-failed": {
    program: policy({ limits: { revisions: 20, fraction: 1 } }),
    world: { history: true },
    async play(stack, sandbox) {
      sandbox.faults.add({
        server: "api",
        method: "DELETE",
        path: "/images/",
        times: 0,
        effect: {
          kind: "answer",
          status: 403,
          body: { kind: "Status", code: 403, reason: "Forbidden", message: "no" },
        },
      });
      const up = await stack.up();
      if (up.code === 0) throw new Error("up was to fail");
    },
  },
  "archive-registry": {
    program: archive({
      images: [web("v1"), { registry: web("multi"), platforms: ["linux/arm64/v8"], as: "acme/multi:arm" }],
      ...mirrored,
      manifest: true,
      fileMode: "0640",
      triggers: [1],
      timeouts: { check: "90s" },
    }),
  },
  "archive-oci": {
    program: archive({
      path: "web.tar.gz",
      images: [web("multi"), web("v2")],
      ...mirrored,
      format: "oci-archive",
      compression: "gzip",
      platforms: ["linux/amd64"],
      onDestroy: "keep",
      onMissing: "ignore",
      verify: "digest",
      createDirectories: true,
    }),
  },
  "archive-engine": {
    program: archive({ images: [{ engine: "acme/app:dev" }], engine: { host: "tcp://${engine}" } }),
  },
  "archive-engine-as": {
    program: archive({
      images: [{ engine: "acme/app:dev", as: "registry.example.com/app:v1" }],
      engine: { host: "tcp://${engine}", timeoutSeconds: 30 },
      tag: "dev",
    }),
  },
  "archive-stream": {
    program: archive({
      connection,
      images: [{ stream: "shop/web:l*", as: "shop/web:exported" }],
    }),
    world: { history: true },
  },
  "archive-imported": {
    program: {
      resources: [
        { type: "stream", name: "web", args: { connection, namespace: "apps", tags: { v1: web("v1") } } },
        {
          type: "archive",
          name: "bundle",
          args: {
            connection,
            path: "web.tar",
            images: [{ stream: { $tag: ["web", "v1"] }, as: "acme/web:v1" }],
            ...mirrored,
          },
        },
      ],
    },
  },
  "archive-secrets": {
    program: archive({
      images: [{ registry: { $secret: "registry.example.com/acme/secret:v1" } }],
      registries: {
        "registry.example.com": {
          insecure: true,
          mirrors: ["${closed}"],
          username: "robot",
          password: { $secret: "recorded-password" },
        },
        "${closed}": { insecure: true, username: "robot", password: { $secret: "recorded-password" } },
      },
      overwriteUnmanaged: true,
    }),
  },
};
