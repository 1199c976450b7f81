import { listAt, objectAt, textAt } from "../../../support/json.js";

const credentialKeys: ReadonlySet<string> = new Set([
  ...["token", "password", "client-key-data", "id-token", "access-token", "refresh-token", "client-secret"],
]);
/** Names of plugin settings in a kubeconfig that hold secrets, unlike a region or a profile. */
const secretName = /token|secret|passw|key|credential/i;

/** Tokens, passwords and keys of all users in a parsed kubeconfig, and the password of a proxy. */
export function secretsOfKubeconfig(kubeconfig: unknown): readonly string[] {
  return [
    ...listAt(kubeconfig, "users").flatMap((entry) => secretsOfUser(objectAt(entry, "user"))),
    ...listAt(kubeconfig, "clusters").flatMap((entry) => passwordOf(textAt(entry, "cluster", "proxy-url"))),
  ].filter((secret) => secret !== "");
}

function secretsOfUser(user: object): readonly string[] {
  return [
    ...textsOf(user, (key) => credentialKeys.has(key)),
    ...textsOf(objectAt(user, "auth-provider", "config"), (key) => secretName.test(key)),
    ...listAt(user, "exec", "env").flatMap((variable) =>
      secretName.test(textAt(variable, "name")) ? [textAt(variable, "value")] : [],
    ),
    ...secretsOfArguments(listAt(user, "exec", "args").filter((arg) => typeof arg === "string")),
  ];
}

/** `--token=x` and `--token x`. */
function secretsOfArguments(args: readonly string[]): readonly string[] {
  return args.flatMap((arg, index) => {
    const [name = "", ...value] = arg.split("=");
    if (!name.startsWith("-") || !secretName.test(name)) return [];
    return value.length > 0 ? [value.join("=")] : [args[index + 1] ?? ""];
  });
}

function textsOf(value: object, isSecret: (key: string) => boolean): readonly string[] {
  return Object.entries(value).flatMap(([key, text]: [string, unknown]) =>
    isSecret(key) && typeof text === "string" ? [text] : [],
  );
}

function passwordOf(url: string): readonly string[] {
  return [URL.parse(url)?.password ?? ""];
}
