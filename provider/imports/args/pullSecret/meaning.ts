import type { ArgumentIssue } from "../../../support/arguments/parsed.js";
import { isObject, objectAt, textAt } from "../../../support/json.js";
import { parseDockerConfig, usableKeys } from "./dockerConfig.js";

/**
 * What the schema cannot say about the two arguments; takes them in any shape. No message holds anything of a value: keys
 * are shown as parts of a path.
 */
export function pullSecretIssues(inputs: unknown): readonly ArgumentIssue[] {
  const { namespace, pullSecret, pullSecretFrom } = objectAt(inputs);
  if (pullSecret !== undefined && pullSecretFrom !== undefined) {
    const message = "cannot be given beside pullSecret: a resource keeps one pull secret";
    return [{ path: ["pullSecretFrom"], message }];
  }
  if (isObject(pullSecretFrom)) return copyIssues(pullSecretFrom, namespace);
  return isObject(pullSecret) ? declaredIssues(pullSecret) : [];
}

function declaredIssues({ auths, dockerConfigJson }: Readonly<Record<string, unknown>>) {
  const path = ["pullSecret"];
  if (auths === undefined && dockerConfigJson === undefined) {
    const message = 'needs auths, like { "quay.io": { username, password } }, or dockerConfigJson';
    return [{ path, message }];
  }
  if (auths !== undefined && dockerConfigJson !== undefined) {
    const message = "cannot be given beside auths: they are the same in another form";
    return [{ path: [...path, "dockerConfigJson"], message }];
  }
  if (typeof dockerConfigJson === "string") return textIssues(dockerConfigJson);
  if (!isObject(auths)) return [];
  const entries = Object.entries(auths);
  if (entries.length > 0) return entries.flatMap(([key, login]) => loginIssues(key, login));
  const message = 'has no entry; write { "quay.io": { username, password } }';
  return [{ path: [...path, "auths"], message }];
}

function textIssues(text: string): readonly ArgumentIssue[] {
  const path = ["pullSecret", "dockerConfigJson"];
  const config = parseDockerConfig(text);
  if (config === undefined)
    return [{ path, message: 'is not a docker configuration, which is JSON like {"auths": {"quay.io": …}}' }];
  if (usableKeys(config).length > 0) return [];
  const isElsewhere = "credsStore" in config || "credHelpers" in config;
  const reason = isElsewhere
    ? "docker keeps its logins elsewhere (credsStore, credHelpers), where a cluster cannot read them"
    : "no entry of auths has a user name and a password, and an import uses nothing else";
  return [{ path, message: `holds no login: ${reason}. Write auths with a user name and a password` }];
}

/** As the API server reads keys (facts/importing.md 28): no tag, no digest, no login. */
const keyForm = /^(?:https?:\/\/)?[A-Za-z0-9*?](?:[A-Za-z0-9*?.-]*)(?::\d{1,5})?(?:\/[^\s:@]*)?$/;

function loginIssues(key: string, login: unknown): readonly ArgumentIssue[] {
  const path = ["pullSecret", "auths", key];
  const issues: ArgumentIssue[] = [];
  if (!keyForm.test(key)) {
    const message =
      'is no key of a pull secret: host, host:port, or one of them with the beginning of a path ("quay.io/acme"), without a tag';
    issues.push({ path, message });
  }
  if (!isObject(login)) return issues;
  if (login.username === "" || textAt(login, "username").includes(":"))
    issues.push({ path: [...path, "username"], message: 'must not be empty and have no ":"' });
  if (login.password === "") issues.push({ path: [...path, "password"], message: "must not be empty" });
  return issues;
}

function copyIssues(from: Readonly<Record<string, unknown>>, namespace: unknown): readonly ArgumentIssue[] {
  const { name, as = name } = from;
  if (from.namespace === undefined || from.namespace !== namespace || as !== name) return [];
  const message =
    "names a secret of the stream's own namespace, which every import there uses already; leave it out";
  return [{ path: ["pullSecretFrom"], message }];
}
