import type { SandboxOptions } from "./options.js";
import type { Sandbox } from "./sandbox.js";

/** Where `npm run sandbox` listens unless told otherwise, so that examples can name it. */
export const defaultPorts = { api: 16443, open: 16500, private: 16501, integrated: 16502, control: 16444 };

/** Fixed, so that a kubeconfig and a stack's state survive a restart of the sandbox. */
const demoToken = "sha256~sandbox-admin";
const demoUserToken = "sha256~sandbox-alice";
const demoClusterUid = "5a9db0c5-0000-4000-8000-000000000001";

export const privateRegistryUser = { username: "puller", password: "s3cret" };

const amd64 = { os: "linux", architecture: "amd64" };
const arm64 = { os: "linux", architecture: "arm64" };
const s390x = { os: "linux", architecture: "s390x" };

/** A small cluster whose references look like real ones although nothing leaves loopback. */
export function demoOptions(ports: typeof defaultPorts): SandboxOptions {
  return {
    port: ports.api,
    controlPort: ports.control,
    adminToken: demoToken,
    clusterUid: demoClusterUid,
    namespaces: ["shop"],
    users: [{ name: "alice", token: demoUserToken }],
    registries: {
      open: { port: ports.open, protocol: "both" },
      private: {
        port: ports.private,
        protocol: "https",
        authentication: { scheme: "token", ...privateRegistryUser },
      },
    },
    integratedRegistry: { port: ports.integrated },
    registryHosts: { "docker.io": "open", "quay.io": "open", "registry.redhat.io": "private" },
  };
}

export function seedDemoWorld(sandbox: Sandbox): void {
  const open = sandbox.registry("open");
  open.publishIndex("library/nginx", "1.27", [amd64, arm64, s390x], {
    docker: true,
    content: "nginx 1.27",
    layers: 3,
  });
  open.moveTag("library/nginx", "latest", "1.27");
  open.publishIndex("library/redis", "7", [amd64, arm64], { docker: true, content: "redis 7", layers: 2 });
  for (const tag of ["v1", "v2", "edge"])
    open.publishImage("acme/web", tag, { content: `acme web ${tag}`, layers: 2 });
  open.publishImage("acme/tool", "2", { content: "acme tool 2" });
  sandbox
    .registry("private")
    .publishIndex("ubi9/ubi", "9.4", [amd64, arm64], { content: "ubi 9.4", layers: 2 });
  seedBuilds(sandbox);
}

/** Weeks of builds in the integrated registry, one of the older ones still running: something to prune. */
function seedBuilds(sandbox: Sandbox): void {
  sandbox.patch({
    apiVersion: "imageregistry.operator.openshift.io/v1",
    kind: "ImagePruner",
    metadata: { name: "cluster" },
    spec: { suspend: true },
  });
  const sites = pushBuilds(sandbox, "site", 8);
  pushBuilds(sandbox, "api", 3);
  sandbox.seed({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "site-1", namespace: "shop" },
    spec: { containers: [{ name: "site", image: sites[2] ?? "" }] },
    status: { phase: "Running" },
  });
}

/** One a week, oldest first; answers their pull specs. */
function pushBuilds(sandbox: Sandbox, name: string, count: number): readonly string[] {
  const week = 7 * 86_400_000;
  return Array.from({ length: count }, (_, build) => {
    const layers = [`${name} base`, { content: `${name} build ${build}`, bytes: 500_000 }];
    const createdAt = new Date(Date.now() - (count - build) * week).toISOString();
    const push = { namespace: "shop", name, tag: "latest", image: { layers }, createdAt };
    return sandbox.integratedRegistry.push(push).reference;
  });
}
