import { nameList } from "../../support/text/wording.js";
import type { PullSecretKey } from "../ports.js";
import type { OwnPullSecret } from "./ownPullSecret.js";
import { hostOf, judgeKeys, targetOf, type UnusedKey } from "./pullSecretMatch.js";

/** What is known of a namespace's pull secrets; `keys` undefined where they may not be read. */
export interface KnownPullSecrets {
  readonly namespace: string;
  /** The resource's own; its keys are among `keys`. */
  readonly own?: OwnPullSecret | undefined;
  readonly keys: readonly PullSecretKey[] | undefined;
}

const shownKeys = 5;
const rule =
  "OKD uses every pull secret of the namespace, nothing has to be linked; of the keys that match host, port and path only the most specific is tried, and the cluster's global pull secret (openshift-config/pull-secret) where none matches.";

/** Registries that answer for a missing repository as for a forbidden one. */
const hiding = [
  /^docker\.io$/,
  /^quay\.io$/,
  /^ghcr\.io$/,
  /gitlab/,
  /^[\w-]+\.dkr\.ecr(?:-fips)?\.[\w-]+\.amazonaws\.com(?:\.cn)?$/,
  /^public\.ecr\.aws$/,
  /\.azurecr\.io$/,
  /(?:^|\.)gcr\.io$/,
  /-docker\.pkg\.dev$/,
  /^registry\.(?:connect\.)?redhat\.(?:io|com)$/,
];
/** Those of them where most repositories are public, so that a misspelt name is the likelier cause. */
const mostlyPublic = [/^docker\.io$/, /^quay\.io$/, /^public\.ecr\.aws$/];

/** What to do about an image that a registry refuses, the likeliest cause first. Sentences with a full stop. */
export function pullSecretAdvice(image: string, known: KnownPullSecrets): string {
  const host = hostOf(image);
  const login = loginAdvice(image, known);
  if (!matchesAny(hiding, host)) return `${login.text} ${rule}`;
  const repository = targetOf(image);
  const same = `${host} answers in the same way for a repository that does not exist.`;
  if (login.isTried || isLikelyMisspelt(repository, host))
    return `${same} Most likely there is no ${repository}: check its spelling. If it is private: ${login.text} ${rule}`;
  return `${login.text} ${rule} ${same} Check the spelling of ${repository} too.`;
}

/** Docker Hub's own images are never private. */
function isLikelyMisspelt(repository: string, host: string): boolean {
  return repository.startsWith("docker.io/library/") || matchesAny(mostlyPublic, host);
}

function loginAdvice(
  image: string,
  { namespace, own, keys }: KnownPullSecrets,
): { readonly text: string; readonly isTried: boolean } {
  const target = targetOf(image);
  if (keys === undefined)
    return { text: `Is there a pull secret for ${target} in namespace ${namespace}?`, isTried: false };
  const { applying, unused } = judgeKeys(image, keys);
  const others = nameList(byNearness(unused).map(describeKey), shownKeys);
  if (applying !== undefined) {
    const found = unused.length === 0 ? "" : ` Not tried: ${others}.`;
    const key = `${applying.key} of secret ${applying.secret}`;
    if (applying.secret === own?.name) {
      const text = `The registry did not accept the login of ${own.argument} (${key}): check its user name and password.${found}`;
      return { text, isTried: true };
    }
    return {
      text: `Namespace ${namespace} has a pull secret for it (${key}), which the registry did not accept.${found}`,
      isTried: true,
    };
  }
  const found = unused.length === 0 ? "none at all" : `found: ${others}`;
  const host = hostOf(image);
  const subject = unused.every(isForAnotherHost) ? host : target;
  const text = `No pull secret in namespace ${namespace} is for ${subject} (${found}). Create one whose key is ${host}, with exactly that host and port, or that and the beginning of the path.`;
  return { text, isTried: false };
}

function describeKey({ key, secret, reason }: UnusedKey): string {
  return `${key} of secret ${secret} ${reason}`;
}

/** Keys for other hosts come last. */
function byNearness(keys: readonly UnusedKey[]): readonly UnusedKey[] {
  return [...keys.filter((key) => !isForAnotherHost(key)), ...keys.filter(isForAnotherHost)];
}

function isForAnotherHost({ reason }: UnusedKey): boolean {
  return reason === "is for another host";
}

function matchesAny(patterns: readonly RegExp[], host: string): boolean {
  return patterns.some((pattern) => pattern.test(host));
}
