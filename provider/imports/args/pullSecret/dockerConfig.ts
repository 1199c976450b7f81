import { type Fields, isObject, objectAt, textAt } from "../../../support/json.js";

/** What a pull secret says: the login for each key under `auths`, and whatever else docker writes there. */
export type DockerConfig = Fields;

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** As `oc create secret docker-registry` writes it. */
export function configOfLogins(logins: Readonly<Record<string, Login>>): DockerConfig {
  const auths = Object.entries(logins).map(([key, { username, password }]) => {
    const auth = Buffer.from(`${username}:${password}`, "utf8").toString("base64");
    return [key, { username, password, auth }] as const;
  });
  return { auths: Object.fromEntries(auths) };
}

/** Undefined for a text that is no docker configuration. */
export function parseDockerConfig(text: string): DockerConfig | undefined {
  const parsed = parseObject(text);
  return isObject(parsed?.auths) ? parsed : undefined;
}

/** The words of JSON.parse quote the text, so nobody sees them. */
export function parseObject(text: string): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** What the logins are for: `quay.io/acme`, `docker.io`. */
export function keysOf(config: DockerConfig): readonly string[] {
  return Object.keys(objectAt(config, "auths")).sort();
}

/** Keys whose entry has a user name and a password, which is all that an import uses (facts/importing.md 28). */
export function usableKeys(config: DockerConfig): readonly string[] {
  const auths = objectAt(config, "auths");
  return keysOf(config).filter((key) => {
    const login = Buffer.from(textAt(auths, key, "auth"), "base64").toString("utf8");
    return /^[^:]+:./s.test(login) || (textAt(auths, key, "username") && textAt(auths, key, "password"));
  });
}
