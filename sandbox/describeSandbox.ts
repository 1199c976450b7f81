import { privateRegistryUser } from "./demoWorld.js";
import type { Sandbox } from "./sandbox.js";

/** What a person who started the sandbox needs to know. */
export function describeSandbox(sandbox: Sandbox, kubeconfig: string): string {
  const images = "/apis/image.openshift.io/v1/namespaces/shop/imagestreams";
  const { username, password } = privateRegistryUser;
  return `OKD sandbox (in memory, loopback only)

  API       ${sandbox.url}   namespaces default, shop; users admin, alice (no rights)
  kubeconfig  export KUBECONFIG=${kubeconfig}
  open      ${sandbox.registry("open").host}   plays docker.io and quay.io: docker.io/library/nginx:1.27 (3 platforms),
            docker.io/library/redis:7, quay.io/acme/web:v1, :v2, :edge, quay.io/acme/tool:2
  private   ${sandbox.registry("private").host}   TLS, ${username} / ${password}; plays registry.redhat.io: registry.redhat.io/ubi9/ubi:9.4
  integrated  ${sandbox.integratedRegistry.address}   TLS, token; shop/site with 8 builds, one of them running, and shop/api
  control   ${sandbox.controlUrl}/sandbox/requests, ${sandbox.controlUrl}/sandbox/faults

  curl -k -H "Authorization: Bearer ${sandbox.adminToken}" ${sandbox.url}${images}

Ctrl-C stops it.
`;
}
