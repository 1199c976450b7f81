import type { Machine } from "../../../provider/http/machine.js";

/** A machine made of variables and files. */
export function machine(
  variables: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
): Machine {
  return {
    variable: (name) => variables[name],
    readFile: (file) => {
      const content = files[file];
      if (content === undefined) throw Object.assign(new Error(`ENOENT: ${file}`), { code: "ENOENT" });
      if (content === "(not readable)") throw Object.assign(new Error(`EACCES: ${file}`), { code: "EACCES" });
      if (content === "(folder)") throw Object.assign(new Error(`EISDIR: ${file}`), { code: "EISDIR" });
      return content;
    },
    socketExists: () => false,
    homeFolder: "/home/ann",
    systemFolder: "/etc",
    isWindows: false,
  };
}

export const homeConfig = "/home/ann/.kube/config";

export interface ContextSketch {
  readonly server?: string;
  readonly cluster?: object;
  readonly user?: object;
  readonly namespace?: string;
}

/** A kubeconfig with a cluster, a user and a context of the same name for each sketch; the first is current. */
export function kubeconfig(sketches: Readonly<Record<string, ContextSketch>>): string {
  const names = Object.keys(sketches);
  const entries = Object.entries(sketches);
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": names[0],
    clusters: entries.map(([name, { server, cluster }]) => ({
      name,
      cluster: { server: server ?? `https://api.${name}:6443`, ...cluster },
    })),
    users: entries.map(([name, { user }]) => ({ name, user: user ?? { token: `${name}-token` } })),
    contexts: entries.map(([name, { namespace }]) => ({
      name,
      context: { cluster: name, user: name, ...(namespace === undefined ? {} : { namespace }) },
    })),
  });
}
