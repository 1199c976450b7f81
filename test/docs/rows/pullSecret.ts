import { type ArgumentRows, row } from "../../support/documented/argumentRow.js";
import type { StreamScene } from "../../support/worlds/arguments/stream.js";

interface Login {
  readonly username?: string;
  readonly password?: string;
}

const login = { username: "robot", password: "hunter2-of-robot" };
const auths = { "r.acme.com": login };

/** Arguments about the pull secret that a stream keeps. */
export function pullSecretRows(scene: () => StreamScene): ArgumentRows {
  /** What the secret of a name holds after an `up`; of its default name with "". */
  const kept = async (more: object, name = ""): Promise<Readonly<Record<string, Login>> | undefined> => {
    const stream = scene().newName();
    await scene().up(more, stream);
    const secret = scene().sandbox.stored("secrets", name === "" ? `${stream}-pull` : name, "shop");
    const data = (secret?.["data"] ?? {}) as Readonly<Record<string, string>>;
    const text = Buffer.from(data[".dockerconfigjson"] ?? "", "base64").toString("utf8");
    return text === "" ? undefined : (JSON.parse(text) as { auths: Record<string, Login> }).auths;
  };
  const hosts = async (more: object, name?: string) => Object.keys((await kept(more, name)) ?? {});
  const one = async (more: object, name?: string) => Object.values((await kept(more, name)) ?? {})[0];
  /** Each with a copy of its own, because what one resource of a program keeps, another may not change. */
  const source = (name: string, namespace = "other") => {
    const text = JSON.stringify({ auths: { [`${name}.acme.com`]: login } });
    scene().sandbox.seed({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { namespace, name },
      type: "kubernetes.io/dockerconfigjson",
      data: { ".dockerconfigjson": Buffer.from(text).toString("base64") },
    });
    return { namespace, name };
  };
  const changed = (change: object) => ({ pullSecret: { auths: { "r.acme.com": { ...login, ...change } } } });

  return {
    pullSecret: row({ pullSecret: { auths } }, [], ["r.acme.com"], (more) => hosts(more)),
    "pullSecret.name": row({ pullSecret: { name: "named", auths } }, [], ["r.acme.com"], (more) =>
      hosts({ pullSecret: { auths }, ...more }, "named"),
    ),
    "pullSecret.auths": row(
      { pullSecret: { auths: { ...auths, "quay.io/acme": login } } },
      ["r.acme.com"],
      ["r.acme.com", "quay.io/acme"],
      (more) => hosts({ pullSecret: { auths }, ...more }),
    ),
    "pullSecret.dockerConfigJson": row(
      { pullSecret: { dockerConfigJson: JSON.stringify({ auths: { "ghcr.io": login } }) } },
      [],
      ["ghcr.io"],
      (more) => hosts(more),
    ),
    "pullSecret.auths.*.username": row(
      changed({ username: "other" }),
      "robot",
      "other",
      async (more) => (await one({ pullSecret: { auths }, ...more }))?.username,
    ),
    "pullSecret.auths.*.password": row(
      changed({ password: "another password" }),
      login.password,
      "another password",
      async (more) => (await one({ pullSecret: { auths }, ...more }))?.password,
    ),
    pullSecretFrom: row(
      () => ({ pullSecretFrom: source("whole") }),
      [],
      ["whole.acme.com"],
      (more) => hosts(more, "whole"),
    ),
    "pullSecretFrom.namespace": row(
      () => ({ pullSecretFrom: { ...source("third", "third"), as: "from-third" } }),
      [],
      ["third.acme.com"],
      (more) => hosts({ pullSecretFrom: { ...source("second"), as: "from-second" }, ...more }, "from-third"),
    ),
    "pullSecretFrom.name": row(
      () => ({ pullSecretFrom: source("other-name") }),
      [],
      ["other-name.acme.com"],
      (more) => hosts({ pullSecretFrom: source("one-name"), ...more }, "other-name"),
    ),
    "pullSecretFrom.as": row(
      () => ({ pullSecretFrom: { ...source("origin"), as: "copy-of-origin" } }),
      [],
      ["origin.acme.com"],
      (more) => hosts({ pullSecretFrom: source("origin"), ...more }, "copy-of-origin"),
    ),
  };
}
