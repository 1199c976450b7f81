import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ImageRegistrySettings } from "../../../provider/registry/settings/hosts.js";
import { isImageError } from "../../../provider/support/imageError.js";
import {
  contentOf,
  emptyFolder,
  folderWith,
  type Intercept,
  options,
  pullerWith,
  type PullRegistry,
  refuse,
  startPullRegistry,
} from "./pullRegistry.js";

export const secret = "s3cret-of-own";
export const pair = Buffer.from(`ann:${secret}`).toString("base64");
const identity = { auth: Buffer.from("ann:").toString("base64"), identitytoken: secret };

/** Where a login for `host` may come from. */
export const places: Readonly<Record<string, (host: string) => Parameters<typeof pullerWith>[0]>> = {
  "a password in the arguments": (host) => ({
    registries: { [host]: { username: "ann", password: secret } },
  }),
  "a token in the arguments": (host) => ({ registries: { [host]: { token: secret } } }),
  "the cluster's token": (host) => ({ registries: {}, tokenSource: clusterToken(host) }),
  "a password in auth.json": (host) => ({ home: authFile({ [host]: { auth: pair } }) }),
  "an identity token in auth.json": (host) => ({ home: authFile({ [host]: identity }) }),
  "a registry token in auth.json": (host) => ({ home: authFile({ [host]: { registrytoken: secret } }) }),
  "a credential helper": (host) => helperFor(host),
};

function authFile(auths: object): string {
  return folderWith({ ".config/containers/auth.json": { auths } });
}

function clusterToken(host: string): NonNullable<ImageRegistrySettings["tokenSource"]> {
  const tokens = { token: () => Promise.resolve(secret), renew: () => Promise.resolve(false) };
  return (asked) => (asked === host ? tokens : undefined);
}

/** Knows the login of `host` alone, and is asked for everything. */
function helperFor(host: string): Parameters<typeof pullerWith>[0] {
  const bin = emptyFolder();
  const program = join(bin, "docker-credential-test");
  const script = `#!/bin/sh\nread server\nif [ "$server" = "${host}" ]; then echo '{"Username":"ann","Secret":"${secret}"}'; else echo "credentials not found in native keychain"; exit 1; fi\n`;
  writeFileSync(program, script);
  chmodSync(program, 0o755);
  const variables = { PATH: `${bin}:${process.env["PATH"] ?? ""}` };
  return { home: folderWith({ ".docker/config.json": { credsStore: "test" } }), variables };
}

export const isSomebody = ({ authorization }: { readonly authorization: string | undefined }) =>
  authorization !== undefined;

export function wantsLogin(challenge: string): Intercept {
  return (request, response) => {
    if (isSomebody(request)) return false;
    refuse(response, 401, "UNAUTHORIZED", { "www-authenticate": challenge });
    return true;
  };
}

/** The first that answers. */
export function oneOf(...intercepts: readonly Intercept[]): Intercept {
  return (request, response) => intercepts.some((intercept) => intercept(request, response));
}

/** As an archive reads: the digest of the tag, the documents, every blob. A refusal is an answer. */
export async function pullAll(settings: Parameters<typeof pullerWith>[0], host: string): Promise<void> {
  const { registry } = pullerWith(settings);
  try {
    await registry.digestOf(`${host}/acme/web:v1`, options);
    const { tree, blobs } = await registry.find(`${host}/acme/web:v1`, undefined, options);
    const [image] = tree.images;
    for (const layer of image?.layers ?? []) await contentOf(blobs.read(layer, options));
  } catch (error) {
    assert.ok(isImageError(error), String(error));
  }
}

/** Fails when it has learnt anything about the user. */
export function assertUntold(host: PullRegistry): void {
  for (const request of host.asked) {
    const text = JSON.stringify(request);
    for (const spelling of [secret, pair.replace(/=+$/, "")]) assert.ok(!text.includes(spelling), text);
    assert.equal(request.authorization, undefined);
  }
}

export interface TwoRegistries {
  readonly own: PullRegistry;
  /** Has the same images. */
  readonly foreign: PullRegistry;
}

export async function startTwoRegistries(): Promise<TwoRegistries> {
  const own = await startPullRegistry();
  own.shelf.image("acme/web:v1");
  return { own, foreign: await startPullRegistry(undefined, own.shelf) };
}
