import type { SandboxOptions } from "okd-image-sandbox";
import type { Secret } from "../../../provider/okd/secret.js";
import { type ImportWorld, startImportWorld } from "./imports.js";

export const robot = { username: "robot-account", password: "p4ss/word+of=robot" };

/** A world whose r.acme.com asks for the robot's login, with `acme/web:v1` and `:v2`, beside an open quay.io. */
export interface PrivateWorld extends ImportWorld {
  readonly v1: string;
  /** Arguments of the stream `shop/web` with the tag v1 of r.acme.com. */
  web(more?: object): object;
  /** A secret as it is stored. */
  secret(name?: string, namespace?: string): Secret | undefined;
  /** The login of a stored secret for r.acme.com. */
  login(name?: string): { readonly username?: string; readonly password?: string } | undefined;
  /** Changes a stored secret past the provider. */
  seedSecret(name: string, namespace: string, logins: object, more?: object): void;
  /** Takes a secret away past the provider. */
  removeSecret(name: string): void;
}

export async function startPrivateWorld(options: SandboxOptions = {}): Promise<PrivateWorld> {
  const world = await startImportWorld({
    namespaces: ["shop", "build"],
    registries: {
      open: { protocol: "both" },
      private: { protocol: "both", authentication: { scheme: "token", ...robot } },
    },
    registryHosts: { "quay.io": "open", "docker.io": "open", "r.acme.com": "private" },
    ...options,
  });
  const registry = world.sandbox.registry("private");
  const { digest: v1 } = registry.publishImage("acme/web", "v1", { content: "v1" });
  registry.publishImage("acme/web", "v2", { content: "v2" });
  const secret = (name = "web-pull", namespace = "shop") =>
    world.sandbox.stored("secrets", name, namespace) as unknown as Secret | undefined;
  return {
    ...world,
    v1,
    secret,
    web: (more = {}) => ({
      connection: world.connection,
      namespace: "shop",
      name: "web",
      tags: { v1: "r.acme.com/acme/web:v1" },
      pullSecret: { auths: { "r.acme.com": robot } },
      ...more,
    }),
    login(name) {
      const text = Buffer.from(secret(name)?.data?.[".dockerconfigjson"] ?? "", "base64").toString("utf8");
      if (text === "") return undefined;
      return (JSON.parse(text) as { auths: Record<string, object> }).auths["r.acme.com"];
    },
    seedSecret(name, namespace, logins, more = {}) {
      const data = { ".dockerconfigjson": Buffer.from(JSON.stringify({ auths: logins })).toString("base64") };
      const type = "kubernetes.io/dockerconfigjson";
      world.sandbox.seed({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { namespace, name },
        type,
        data,
        ...more,
      });
    },
    removeSecret(name) {
      world.sandbox.remove({ apiVersion: "v1", kind: "Secret", metadata: { namespace: "shop", name } });
    },
  };
}
