import type { Sandbox } from "./sandbox.js";
import type { SandboxOptions } from "./sandboxOptions.js";

/** Where `npm run sandbox` listens unless told otherwise, so that examples can name it. */
export const defaultPorts = { api: 16443, open: 16500, private: 16501, control: 16444 };

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
}
