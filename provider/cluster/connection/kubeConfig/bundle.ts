/*
 * The parts that we use of `KubeConfig` of @kubernetes/client-node 2.0.1. The library itself is a development dependency:
 * tools/build/bundleKubeConfig.mjs makes kubeConfigBundle.cjs beside the compiled form of this file (150 KB, 15 ms to load).
 */

export interface KubeCluster {
  readonly name: string;
  readonly server: string;
  readonly caData?: string;
  readonly caFile?: string;
  readonly skipTLSVerify: boolean;
  readonly tlsServerName?: string;
  readonly proxyUrl?: string;
}

export interface KubeUser {
  readonly name: string;
  readonly authProvider?: {
    readonly name?: string;
    readonly config?: Readonly<Record<string, unknown>>;
  } | null;
  readonly exec?: { readonly command?: string; readonly installHint?: string } | null;
  readonly token?: string | null;
  readonly username?: string | null;
  readonly password?: string | null;
  readonly certData?: string | null;
  readonly certFile?: string | null;
  readonly keyData?: string | null;
  readonly keyFile?: string | null;
}

interface KubeContext {
  readonly name: string;
  readonly cluster: string;
  readonly user?: string;
  readonly namespace?: string;
}

/** Filled by `applyOptions`. */
export interface AppliedOptions {
  headers?: Record<string, string>;
  cert?: string | Buffer;
  key?: string | Buffer;
}

interface Authenticator {
  execFn?: unknown;
  /** What exec plugins answered, by user name. */
  readonly tokenCache?: Readonly<
    Record<string, { readonly status?: { readonly expirationTimestamp?: unknown } | null } | null>
  >;
}

export interface BundledKubeConfig {
  readonly getClusters: () => readonly KubeCluster[];
  readonly getUsers: () => readonly KubeUser[];
  readonly getContexts: () => readonly KubeContext[];
  readonly getContextObject: (name: string) => KubeContext | null;
  readonly getCurrentContext: () => string | undefined;
  readonly setCurrentContext: (name: string) => void;
  readonly getCurrentUser: () => KubeUser | null;
  readonly loadFromString: (text: string) => void;
  readonly loadFromOptions: (options: {
    readonly clusters: readonly KubeCluster[];
    readonly users: readonly KubeUser[];
    readonly contexts: readonly KubeContext[];
    readonly currentContext: string;
  }) => void;
  readonly makePathsAbsolute: (folder: string) => void;
  /** Private in the library's types; its public callers also build agents that we do not want. */
  readonly applyOptions: (options: AppliedOptions) => Promise<void>;
  /** Private in the library's types; the one for exec plugins starts them through `execFn`. */
  readonly authenticators: readonly Authenticator[];
}

export interface KubeConfigBundle {
  readonly KubeConfig: new () => BundledKubeConfig;
  /** `load` of js-yaml; throws a YAMLException. */
  readonly parseYaml: (text: string) => unknown;
}

export function loadBundle(): KubeConfigBundle {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- lazy, and made at build time
  return require("./kubeConfigBundle.cjs") as KubeConfigBundle;
}
