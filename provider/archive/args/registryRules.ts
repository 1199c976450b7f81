import { withoutUserinfo } from "../../oci/names/images.js";
import { registryAlias } from "../../oci/names/pullReference.js";
import type { ArgumentIssue } from "../../support/arguments/parsed.js";
import type { Fields } from "../../support/json.js";

/** Issues of `registries`: keys that no image's host can equal, and settings that contradict each other. */
export function registriesIssues(registries: Fields): readonly ArgumentIssue[] {
  const seen = new Map<string, string>();
  return Object.entries(registries).flatMap(([host, settings]) => {
    const path = ["registries", host];
    const issues =
      typeof settings === "object" && settings !== null ? settingsIssues(settings as Fields, path) : [];
    if (!isHost(host)) return [{ path, message: "is not a host[:port], without scheme and path" }, ...issues];
    const name = registryAlias(host.toLowerCase());
    const other = seen.get(name);
    seen.set(name, other ?? host);
    return other === undefined ? issues : [{ path, message: `is the same registry as ${other}` }, ...issues];
  });
}

/** Issues of a login, and of certificates, that contradict themselves. */
export function settingsIssues(settings: Fields, path: readonly PropertyKey[]): readonly ArgumentIssue[] {
  const { username, password, token, mirrors } = settings;
  const hasBasic = username !== undefined || password !== undefined;
  const issues: ArgumentIssue[] = [];
  if (token === "") issues.push({ path: [...path, "token"], message: "is empty" });
  if (token !== undefined && hasBasic) {
    issues.push({
      path: [...path, "token"],
      message: "stands for username and password; leave one or the other out",
    });
  }
  return [
    ...issues,
    ...(token === undefined ? pairIssues(settings, ["username", "password"], path) : []),
    ...pairIssues(settings, ["clientCert", "clientKey"], path),
    ...(Array.isArray(mirrors) ? mirrorIssues(mirrors, [...path, "mirrors"]) : []),
  ];
}

/** The issue's path is the missing argument: in a preview it may be unknown, and be given after all. */
function pairIssues(
  settings: Fields,
  [first, second]: readonly [string, string],
  path: readonly PropertyKey[],
): readonly ArgumentIssue[] {
  if ((settings[first] === undefined) === (settings[second] === undefined)) return [];
  const [missing, given] = settings[first] === undefined ? [first, second] : [second, first];
  return [{ path: [...path, missing], message: `is required beside ${given}` }];
}

function mirrorIssues(mirrors: readonly unknown[], path: readonly PropertyKey[]): readonly ArgumentIssue[] {
  return mirrors.flatMap((mirror, index) => {
    if (typeof mirror !== "string" || isMirror(mirror)) return [];
    const shown = JSON.stringify(withoutUserinfo(mirror));
    return [{ path: [...path, index], message: `${shown} is not a host[:port][/path], without scheme` }];
  });
}

/** As pulls read it: a slash at the end does not count. */
function isMirror(mirror: string): boolean {
  const [host = "", ...path] = mirror.replace(/\/$/, "").split("/");
  return isHost(host) && /^[a-z0-9._/-]*$/.test(path.join("/"));
}

function isHost(text: string): boolean {
  const match = /^[a-z0-9.-]+(?::(\d{1,5}))?$/i.exec(text);
  const port = Number(match?.[1] ?? 443);
  return match !== null && port >= 1 && port <= 65535;
}
