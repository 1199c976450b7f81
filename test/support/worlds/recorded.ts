import { createHash } from "node:crypto";
import { type Sandbox, startEngine, startSandbox } from "okd-image-sandbox";

const platforms = [
  { os: "linux", architecture: "amd64" },
  { os: "linux", architecture: "arm64", variant: "v8" },
] as const;
const day = 86_400_000;

/** The cluster, the registries and the engine that states are recorded against and played on. */
export interface RecordedWorld {
  readonly sandbox: Sandbox;
  /** What differs from start to start, by the name that stands in its place in a recording. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Pushes the history of shop/web:latest: six revisions, of which a pod runs the fourth. */
  readonly pushHistory: () => void;
  close(): Promise<void>;
}

/** Everything in it has the same digests, UIDs and tokens at each start. */
export async function startRecordedWorld(): Promise<RecordedWorld> {
  const sandbox = await startSandbox({
    adminToken: "sha256~recorded-token-of-the-administrator",
    clusterUid: "5f6d3c0e-8f5c-4a53-9a53-2b8f3a4c7d10",
    namespaces: ["apps", "shop"],
    plainHttp: true,
    throttleImports: false,
    registries: {
      open: { protocol: "both" },
      closed: { authentication: { scheme: "token", username: "robot", password: "recorded-password" } },
    },
    registryHosts: { "quay.io": "open", "docker.io": "open" },
    integratedRegistry: {},
  });
  const engine = await startEngine({ version: "docker-28", listen: { protocol: "http" } });
  publish(sandbox);
  engine.images.add(["acme/app:dev"], { content: "app" });
  const hostOf = (url: string) => new URL(url).host;
  const ca = sandbox.certificateAuthority;
  return {
    sandbox,
    addresses: {
      api: hostOf(sandbox.url),
      open: sandbox.registry("open").host,
      closed: sandbox.registry("closed").host,
      integrated: hostOf(sandbox.integratedRegistry.url),
      engine: hostOf(engine.host),
      ca,
      caHash: createHash("sha256").update(ca).digest("hex"),
      caBase64: Buffer.from(ca).toString("base64"),
    },
    pushHistory: () => pushHistory(sandbox),
    async close() {
      await engine.close();
      await sandbox.close();
    },
  };
}

function publish(sandbox: Sandbox): void {
  const registry = sandbox.registry("open");
  for (const tag of ["v1", "v2", "v3"]) registry.publishImage("acme/web", tag, { content: tag });
  registry.publishIndex("acme/web", "multi", platforms, { content: "multi" });
  registry.publishImage("library/busybox", "1.36", { content: "busybox" });
  sandbox.registry("closed").publishImage("acme/secret", "v1", { content: "secret" });
}

function pushHistory(sandbox: Sandbox): void {
  const pushed = [60, 50, 40, 30, 20, 10].map((days) => {
    const createdAt = new Date(Date.now() - days * day).toISOString();
    const image = { layers: ["base", `web ${days}`] };
    return sandbox.integratedRegistry.push({
      namespace: "shop",
      name: "web",
      tag: "latest",
      image,
      createdAt,
    });
  });
  const used = pushed.at(-4)?.digest ?? "";
  sandbox.seed({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", namespace: "shop" },
    spec: {
      containers: [
        { name: "main", image: `image-registry.openshift-image-registry.svc:5000/shop/web@${used}` },
      ],
    },
    status: { phase: "Running" },
  });
}
