import { delimiter } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { looksLikePath } from "../../support/text/paths.js";

/**
 * Which cluster, and as whom. Everything is optional: without it the stack's configuration (`okd:context`,
 * `okd:token`, …), then the environment (`OKD_*`, Ansible's `K8S_AUTH_*`, `KUBECONFIG`), then `~/.kube/config`,
 * then the pod's service account decide. What is written here is stored in the state, credentials encrypted.
 */
export interface ConnectionArgs {
  /**
   * Path of a kubeconfig, relative to the program's folder, or several as in `KUBECONFIG`; its content, YAML or JSON; or
   * the object.
   */
  readonly kubeconfig?: pulumi.Input<string | Record<string, unknown>> | undefined;
  /**
   * Context of the kubeconfig.
   * @default its current one
   */
  readonly context?: pulumi.Input<string> | undefined;
  /**
   * Cluster of the kubeconfig.
   * @default the context's
   */
  readonly cluster?: pulumi.Input<string> | undefined;
  /**
   * Namespace of resources that name none.
   * @default the context's
   */
  readonly namespace?: pulumi.Input<string> | undefined;
  /** URL of the API server: `https://api.example.com:6443`. */
  readonly host?: pulumi.Input<string> | undefined;
  /** Bearer token, as `oc whoami -t` prints it. */
  readonly token?: pulumi.Input<string> | undefined;
  /** Sent as Basic together with `password`; OpenShift's own API server wants a token instead. */
  readonly username?: pulumi.Input<string> | undefined;
  /** Together with `username`. */
  readonly password?: pulumi.Input<string> | undefined;
  /**
   * CAs to trust, and no others: a path or PEM text.
   * @default the kubeconfig's, else the usual ones
   */
  readonly caCert?: pulumi.Input<string> | undefined;
  /** Client certificate: a path or PEM text; together with `clientKey`. */
  readonly clientCert?: pulumi.Input<string> | undefined;
  /** Key of `clientCert`: a path or PEM text. */
  readonly clientKey?: pulumi.Input<string> | undefined;
  /**
   * Accept any certificate of the API server, and of nothing else.
   * @default false
   */
  readonly skipTlsVerify?: pulumi.Input<boolean> | undefined;
  /**
   * Name that the API server's certificate is for.
   * @default the host's
   */
  readonly tlsServerName?: pulumi.Input<string> | undefined;
  /**
   * Proxy to the API server: an http, https or socks5 URL.
   * @default `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, also in lower case
   */
  readonly proxyUrl?: pulumi.Input<string> | undefined;
  /**
   * Servers that need no proxy: comma-separated hosts, domains, addresses and CIDR ranges. Counts for `proxyUrl`, the
   * kubeconfig's proxy and that of the variables.
   * @default `NO_PROXY`, also in lower case, for the proxy of these variables alone
   */
  readonly noProxy?: pulumi.Input<string> | undefined;
  /**
   * What an http or https proxy is told with CONNECT, and nobody else: `proxyBasicAuth`, its login as `user:password`, which
   * wins over that of `proxyUrl`; `basicAuth`, a login that it wants as `Authorization`; `userAgent`.
   */
  readonly proxyHeaders?:
    | pulumi.Input<{
        readonly basicAuth?: pulumi.Input<string> | undefined;
        readonly proxyBasicAuth?: pulumi.Input<string> | undefined;
        readonly userAgent?: pulumi.Input<string> | undefined;
      }>
    | undefined;
  /**
   * Seconds for one attempt of a request, at most 3600.
   * @default 30
   */
  readonly timeoutSeconds?: pulumi.Input<number> | undefined;
  /** Act as somebody else. In variables, commas separate groups. */
  readonly impersonate?:
    | pulumi.Input<{
        readonly user: pulumi.Input<string>;
        readonly groups?: pulumi.Input<pulumi.Input<string>[]> | undefined;
      }>
    | undefined;
}

const credentials: ReadonlySet<string> = new Set([
  "token",
  "password",
  "clientKey",
  "proxyUrl",
  "proxyHeaders",
]);

/** Secret whatever the program says, and always encrypted in the state. */
export const credentialSettings: ReadonlySet<string> = new Set([...credentials, "kubeconfig"]);

type Marked = Record<string, unknown>;

/**
 * An argument that says how something is reached, with its credentials marked secret, key by key, so that one unknown
 * value leaves the others known.
 */
export function connectionInput(
  connection: pulumi.Input<object> | undefined,
): pulumi.Input<Marked> | undefined {
  return marked(connection, markCredentials);
}

/** Several such arguments by name. */
export function connectionsInput(
  connections: pulumi.Input<object> | undefined,
): pulumi.Input<Marked> | undefined {
  return marked(connections, (given) =>
    Object.fromEntries(
      Object.entries(given).map(([name, connection]: [string, pulumi.Input<object>]) => [
        name,
        connectionInput(connection),
      ]),
    ),
  );
}

function marked(
  argument: pulumi.Input<object> | undefined,
  mark: (given: object) => Marked,
): pulumi.Input<Marked> | undefined {
  if (argument === undefined) return undefined;
  if (argument instanceof Promise) return pulumi.output(argument).apply(mark);
  return pulumi.Output.isInstance<object>(argument) ? argument.apply(mark) : mark(argument);
}

function markCredentials(connection: object): Marked {
  return Object.fromEntries(
    Object.entries(connection).map(([key, value]: [string, unknown]) => {
      if (credentials.has(key)) return [key, secretIfGiven(value)];
      return [key, key === "kubeconfig" ? markKubeconfig(value) : value];
    }),
  );
}

/** A path may be shown; anything else holds credentials. */
function markKubeconfig(kubeconfig: unknown): unknown {
  if (typeof kubeconfig === "string" && kubeconfig.split(delimiter).every(looksLikePath)) return kubeconfig;
  return secretIfGiven(kubeconfig);
}

/** Leaves `undefined` alone: a secret `undefined` would reach the engine as null. */
function secretIfGiven(value: unknown): unknown {
  if (value === undefined) return undefined;
  return pulumi
    .output(value)
    .apply((given: unknown) => (given === undefined ? undefined : pulumi.secret(given)));
}
