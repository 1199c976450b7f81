import assert from "node:assert/strict";
import { formatKubeconfig } from "okd-image-sandbox";
import type { ConnectionInputs } from "../../provider/cluster/connection/schema.js";
import type { ConnectionWorld } from "../support/worlds/connection.js";

/** One connection whose setting can be seen to take effect, said by nobody but `who`. */
export interface Proof {
  /** All settings, the one in question among them. */
  readonly settings: ConnectionInputs;
  /** The setting, to be given by one source alone. */
  readonly field: keyof ConnectionInputs;
  /** Asserts what the check of an image stream said, and what servers saw. */
  readonly proves: (said: string) => void;
  /** What it says when the setting is left out. */
  readonly without: RegExp;
  /** Whether the stream names a namespace itself; default true. */
  readonly namesNamespace?: false;
}

export type ProofName = keyof typeof connectionProofs;

/** For each argument: a connection as the user `who`, who has no rights, so that the refusal names them. */
export const connectionProofs = {
  kubeconfig: (world, who) => ({
    field: "kubeconfig",
    settings: { kubeconfig: world.file(kubeconfigOf(world, who)) },
    proves: named(who),
    without: /no cluster is named/,
  }),
  context: (world, who) => ({
    field: "context",
    settings: { kubeconfig: world.file(twoClusters(world, who)), context: "other" },
    proves(said) {
      assert.match(said, /the other cluster forbids it/);
      assert.ok(world.other.seen.some(({ headers }) => headers.authorization === `Bearer token-of-${who}`));
    },
    without: /nobody was logged in/,
  }),
  cluster: (world, who) => ({
    field: "cluster",
    settings: { kubeconfig: world.file(twoClusters(world, who)), context: "other", cluster: "sandbox" },
    proves: named(who),
    without: /the other cluster forbids it/,
  }),
  namespace: (world, who) => ({
    field: "namespace",
    settings: { ...asUser(world, who), namespace: `of-${who}` },
    proves: (said) => assert.match(said, new RegExp(`${who} may not .* in namespace of-${who}`)),
    without: /namespace/,
    namesNamespace: false,
  }),
  host: (world, who) => ({
    field: "host",
    settings: asUser(world, who),
    proves: named(who),
    without: /names no cluster/,
  }),
  token: (world, who) => ({
    field: "token",
    settings: asUser(world, who),
    proves: named(who),
    without: /nobody was logged in/,
  }),
  username: (world, who) => basic(world, who, "username"),
  password: (world, who) => basic(world, who, "password"),
  caCert: (world, who) => ({
    field: "caCert",
    settings: asUser(world, who),
    proves: named(who),
    without: /CA that is not trusted here/,
  }),
  clientCert: (world, who) => certificate(world, who, "clientCert"),
  clientKey: (world, who) => certificate(world, who, "clientKey"),
  skipTlsVerify: (world, who) => ({
    field: "skipTlsVerify",
    settings: { ...asUser(world, who), caCert: undefined, skipTlsVerify: true },
    proves: named(who),
    without: /CA that is not trusted here/,
  }),
  tlsServerName: (world, who) => ({
    field: "tlsServerName",
    settings: {
      host: world.internal.url,
      token: who,
      caCert: world.internalAuthority,
      tlsServerName: "api.internal",
    },
    proves: (said) => assert.match(said, /the other cluster forbids it/),
    without: /certificate is for another host name/,
  }),
  proxyUrl: (world, who) => ({
    field: "proxyUrl",
    settings: { ...asUser(world, who), proxyUrl: proxyFor(world, who) },
    proves(said) {
      named(who)(said);
      proxySaw(world, who, /CONNECT 127\.0\.0\.1/);
    },
    without: named(who).pattern,
  }),
  noProxy: (world, who) => ({
    field: "noProxy",
    settings: {
      ...asUser(world, who),
      proxyUrl: "http://127.0.0.1:9",
      noProxy: "api.example.com, 127.0.0.0/8",
    },
    proves: named(who),
    without: /through the proxy 127\.0\.0\.1:9: .*in noProxy/,
  }),
  proxyHeaders: (world, who) => proxyHeader(world, who, "proxyBasicAuth"),
  timeoutSeconds: (world, who) => ({
    field: "timeoutSeconds",
    settings: { host: world.stalled.url, token: who, timeoutSeconds: 0.25 },
    proves: (said) => assert.match(said, /did not answer within 0\.25 s \(timeoutSeconds\)/),
    without: /did not answer within 30 s/,
  }),
  impersonate: (world, who) => impersonation(world, who, undefined),
} as const satisfies Record<keyof ConnectionInputs, MakeProof>;

export type MakeProof = (world: ConnectionWorld, who: string) => Proof | Promise<Proof>;

/** Groups are a setting of their own in variables. */
export function impersonation(
  world: ConnectionWorld,
  who: string,
  groups: readonly string[] | undefined,
): Proof {
  const headers = {
    "impersonate-user": `^as-${who}$`,
    ...(groups && { "impersonate-group": groups.join(", ") }),
  };
  const seen = world.watch(headers);
  return {
    field: "impersonate",
    settings: { ...asUser(world, who), impersonate: { user: `as-${who}`, ...(groups && { groups }) } },
    proves: (said) => assert.ok(seen() > 0, said),
    without: named(who).pattern,
  };
}

/** Each header is a variable of its own; the proxy knows the user by any of them. */
export function proxyHeader(
  world: ConnectionWorld,
  who: string,
  header: keyof NonNullable<ConnectionInputs["proxyHeaders"]>,
): Proof {
  const proxyUrl = `http://127.0.0.1:${world.proxyPort}`;
  return {
    field: "proxyHeaders",
    settings: {
      ...asUser(world, who),
      proxyUrl,
      proxyHeaders: { [header]: header === "userAgent" ? who : `${who}:secret` },
    },
    proves(said) {
      named(who)(said);
      proxySaw(world, who, /CONNECT 127\.0\.0\.1/);
    },
    without: named(who).pattern,
  };
}

export function asUser({ sandbox, file }: ConnectionWorld, who: string): ConnectionInputs {
  return { host: sandbox.url, token: sandbox.addToken(who), caCert: file(sandbox.certificateAuthority) };
}

export function kubeconfigOf({ sandbox }: ConnectionWorld, who: string): string {
  const { url: server, certificateAuthority } = sandbox;
  const token = sandbox.addToken(who, `token-of-${who}`);
  return formatKubeconfig({ server, certificateAuthority, user: who, credentials: { token } });
}

export function proxyFor({ proxyPort }: ConnectionWorld, who: string): string {
  return `http://${who}:secret@127.0.0.1:${proxyPort}`;
}

export function proxySaw({ proxied }: ConnectionWorld, who: string, what: RegExp): void {
  const seen = proxied.filter((line) => line.startsWith(`${who} `));
  assert.ok(seen.length > 0 && seen.every((line) => what.test(line)), seen.join("\n"));
}

/** The cluster has refused something to the user of that name. */
export function named(who: string): ((said: string) => void) & { readonly pattern: RegExp } {
  const pattern = new RegExp(`${who} may not get imagestreams`);
  return Object.assign((said: string) => assert.match(said, pattern), { pattern });
}

/** The context `sandbox` is current and logs nobody in; `other` means the other cluster, and is the user's. */
function twoClusters(world: ConnectionWorld, who: string): string {
  const config = JSON.parse(kubeconfigOf(world, who)) as {
    readonly clusters: object[];
    readonly contexts: object[];
  };
  config.clusters.push({ name: "other", cluster: { server: world.other.url } });
  config.contexts.splice(0, 1, { name: "sandbox", context: { cluster: "sandbox" } });
  config.contexts.push({ name: "other", context: { cluster: "other", user: who } });
  return JSON.stringify(config);
}

function basic(world: ConnectionWorld, who: string, field: "username" | "password"): Proof {
  const password = `pass-${who}`;
  const pair = Buffer.from(`${who}:${password}`).toString("base64");
  const seen = world.watch({ authorization: `^Basic ${pair}$` });
  const { host, caCert } = asUser(world, who);
  return {
    field,
    settings: { host, caCert, username: who, password },
    proves(said) {
      assert.match(said, /OpenShift wants a token instead of user and password/);
      assert.ok(seen() > 0);
    },
    without: new RegExp(`needs ${field} beside it`),
  };
}

async function certificate(
  world: ConnectionWorld,
  who: string,
  field: "clientCert" | "clientKey",
): Promise<Proof> {
  const { host, caCert } = asUser(world, who);
  const pair = await world.sandbox.issueClientCertificate(who);
  return {
    field,
    settings: { host, caCert, clientCert: world.file(pair.certificate), clientKey: world.file(pair.key) },
    proves: named(who),
    without: new RegExp(`needs ${field} beside it`),
  };
}
