import { type Sandbox, type SandboxOptions, startSandbox } from "okd-image-sandbox";
import { type KubeApi, openKubeApi } from "../../test/support/clients/kubeApi.js";

export const shop = "/apis/image.openshift.io/v1/namespaces/shop";

export interface OpenSandbox {
  readonly sandbox: Sandbox;
  readonly admin: KubeApi;
}

/** Starts a sandbox before the first test of the enclosing block and closes it after the last one. */
export function withSandbox(options: () => SandboxOptions = () => ({})): () => OpenSandbox {
  let open: OpenSandbox | undefined;
  before(async () => {
    const sandbox = await startSandbox({ namespaces: ["shop"], throttleImports: false, ...options() });
    const { url: server, certificateAuthority, adminToken: token } = sandbox;
    open = { sandbox, admin: openKubeApi({ server, certificateAuthority, token }) };
  });
  after(async () => {
    await open?.admin.close();
    await open?.sandbox.close();
  });
  return () => {
    if (open === undefined) throw new Error("the sandbox is not running");
    return open;
  };
}

export function importBody(
  stream: string,
  tags: Readonly<Record<string, string>>,
  options: ImportOptions = {},
): unknown {
  const { storing = true, insecure = true, importMode } = options;
  const images = Object.entries(tags).map(([to, from]) => ({
    from: { kind: "DockerImage", name: from },
    to: { name: to },
    importPolicy: { insecure, ...(importMode === undefined ? {} : { importMode }) },
  }));
  return { metadata: { name: stream }, spec: { import: storing, images } };
}

export interface ImportOptions {
  readonly storing?: boolean;
  readonly insecure?: boolean;
  readonly importMode?: string;
}
