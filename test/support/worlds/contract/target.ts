import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Sandbox, startSandbox } from "okd-image-sandbox";
import { type ApiAccess, type KubeApi, openKubeApi } from "../../clients/kubeApi.js";
import { openRegistryPush, type RegistryAccess, type RegistryPush } from "../../clients/registryPush.js";

/** What the suite runs against: the sandbox, or a live cluster when OKD_CONTRACT_KUBECONFIG is set. */
export interface ContractTarget {
  readonly admin: KubeApi;
  readonly anonymous: KubeApi;
  /** Somebody with a wrong token. */
  readonly stranger: KubeApi;
  /** An ordinary user without any right; undefined when no second kubeconfig was given. */
  readonly user: { readonly api: KubeApi; readonly name: string } | undefined;
  readonly registry: RegistryPush;
  /** `host:port` of the open registry. */
  readonly registryHost: string;
  readonly tlsRegistry: TlsRegistry | undefined;
  /** The cluster's own registry; undefined when none was given. */
  readonly integrated: IntegratedTarget | undefined;
  /** Different in every run, so that no image is known to the cluster before. */
  readonly run: string;
  close(): Promise<void>;
}

export interface TlsRegistry {
  readonly push: RegistryPush;
  readonly host: string;
  readonly username: string;
  readonly password: string;
}

export interface IntegratedTarget {
  readonly url: string;
  readonly certificateAuthority: string | undefined;
  readonly adminToken: string;
  /** Of the ordinary user. */
  readonly userToken: string | undefined;
}

const environment = process.env;

export const isSandbox = environment["OKD_CONTRACT_KUBECONFIG"] === undefined;

export function openTarget(): Promise<ContractTarget> {
  return isSandbox ? openSandboxTarget() : openLiveTarget();
}

async function openSandboxTarget(): Promise<ContractTarget> {
  const sandbox: Sandbox = await startSandbox({
    throttleImports: false,
    integratedRegistry: {},
    registries: {
      open: {},
      private: {
        protocol: "https",
        authentication: { scheme: "basic", username: "puller", password: "s3cret" },
      },
    },
  });
  const { url: server, certificateAuthority } = sandbox;
  const secured = sandbox.registry("private");
  const [alice] = sandbox.users;
  return assemble(
    { server, certificateAuthority, token: sandbox.adminToken },
    { server, certificateAuthority, token: alice?.token },
    { host: sandbox.registry("open").host, url: sandbox.registry("open").url },
    { host: secured.host, url: secured.url, certificateAuthority, username: "puller", password: "s3cret" },
    {
      url: sandbox.integratedRegistry.url,
      certificateAuthority,
      adminToken: sandbox.adminToken,
      userToken: alice?.token,
    },
    () => sandbox.close(),
  );
}

async function openLiveTarget(): Promise<ContractTarget> {
  const host = environment["OKD_CONTRACT_REGISTRY"];
  if (host === undefined)
    throw new Error("OKD_CONTRACT_REGISTRY must name an open http registry (host:port)");
  const userFile = environment["OKD_CONTRACT_USER_KUBECONFIG"];
  const tlsHost = environment["OKD_CONTRACT_REGISTRY_TLS"];
  const authorityFile = environment["OKD_CONTRACT_CA"];
  const integratedUrl = environment["OKD_CONTRACT_INTEGRATED_REGISTRY"];
  const certificateAuthority = authorityFile === undefined ? undefined : readFileSync(authorityFile, "utf8");
  const admin = await readAccess(environment["OKD_CONTRACT_KUBECONFIG"] ?? "");
  const user = userFile === undefined ? undefined : await readAccess(userFile);
  const tls: RegistryAccess | undefined =
    tlsHost === undefined
      ? undefined
      : {
          host: tlsHost,
          url: `https://${tlsHost}`,
          certificateAuthority,
          username: environment["OKD_CONTRACT_REGISTRY_USER"],
          password: environment["OKD_CONTRACT_REGISTRY_PASSWORD"],
        };
  const integrated: IntegratedTarget | undefined =
    integratedUrl === undefined
      ? undefined
      : {
          url: integratedUrl.replace(/\/$/, ""),
          certificateAuthority,
          adminToken: environment["OKD_CONTRACT_INTEGRATED_TOKEN"] ?? admin.token ?? "",
          userToken: user?.token,
        };
  return assemble(admin, user, { host, url: `http://${host}` }, tls, integrated, () => Promise.resolve());
}

async function readAccess(path: string): Promise<ApiAccess> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromFile(path);
  const cluster = config.getCurrentCluster();
  const user = config.getCurrentUser();
  if (cluster === null || user === null) throw new Error(`${path} has no current context`);
  const decoded = (data: string | undefined, file: string | undefined): string | undefined =>
    data !== undefined
      ? Buffer.from(data, "base64").toString("utf8")
      : file === undefined
        ? undefined
        : readFileSync(file, "utf8");
  const certificate = decoded(user.certData, user.certFile);
  const key = decoded(user.keyData, user.keyFile);
  return {
    server: cluster.server,
    certificateAuthority: decoded(cluster.caData, cluster.caFile),
    token: user.token,
    clientCertificate: certificate === undefined || key === undefined ? undefined : { certificate, key },
  };
}

/** The name by which the server knows a user without rights: it stands in every refusal. */
async function nameOf(api: KubeApi): Promise<string> {
  const { text } = await api.get("/apis/image.openshift.io/v1/images");
  const name = /User \\"([^"\\]+)\\" cannot/.exec(text)?.[1];
  if (name === undefined)
    throw new Error(`OKD_CONTRACT_USER_KUBECONFIG must be of a user without rights: ${text}`);
  return name;
}

async function assemble(
  admin: ApiAccess,
  user: ApiAccess | undefined,
  open: RegistryAccess,
  tls: RegistryAccess | undefined,
  integrated: IntegratedTarget | undefined,
  closeTarget: () => Promise<void>,
): Promise<ContractTarget> {
  const { server, certificateAuthority } = admin;
  const apis = {
    admin: openKubeApi(admin),
    anonymous: openKubeApi({ server, certificateAuthority }),
    stranger: openKubeApi({ server, certificateAuthority, token: "nobody" }),
  };
  const userApi = user === undefined ? undefined : openKubeApi(user);
  const registry = openRegistryPush(open);
  const tlsPush = tls === undefined ? undefined : openRegistryPush(tls);
  return {
    ...apis,
    user: userApi === undefined ? undefined : { api: userApi, name: await nameOf(userApi) },
    registry,
    registryHost: open.host,
    integrated,
    tlsRegistry:
      tls === undefined || tlsPush === undefined
        ? undefined
        : { push: tlsPush, host: tls.host, username: tls.username ?? "", password: tls.password ?? "" },
    run: randomUUID().slice(0, 8),
    close: async () => {
      const open = [...Object.values(apis), userApi, registry, tlsPush];
      for (const part of open) await part?.close();
      await closeTarget();
    },
  };
}
