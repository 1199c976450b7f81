import { type Secret, type SecretKey, secretName } from "../../../okd/secret.js";
import { hasCode, ImageError, isImageError } from "../../../support/imageError.js";
import { nameList } from "../../../support/text/wording.js";
import type { DesiredPullSecret } from "../../args/pullSecret/desired.js";
import type { DockerConfig } from "../../args/pullSecret/dockerConfig.js";
import type { OwnPullSecret } from "../../failure/ownPullSecret.js";
import { readSecretClaims } from "../../plan/pullSecret/claims.js";
import { configOf, fingerprint } from "../../plan/pullSecret/content.js";
import { planSecretRelease } from "../../plan/pullSecret/release.js";
import { planSecretWrite, type SecretWrite } from "../../plan/pullSecret/write.js";
import type { PullSecrets, SecretUsers } from "../../pullSecrets.js";
import { describeSecretUse } from "../../use/describePullers.js";
import { pathed, wantedContent } from "./source.js";

export interface SecretOutlookRequest {
  readonly namespace: string;
  /** `unknown`: in a preview that does not know the argument yet. */
  readonly desired: DesiredPullSecret | "unknown" | undefined;
  /** Name of the secret that the last run kept in this namespace. */
  readonly before: string | undefined;
  readonly claimant: string;
  readonly adopt: boolean;
  readonly deleteInUse: boolean;
  readonly isPreview: boolean;
}

/** What `up` will do about the pull secret, as far as imports depend on it, or why it must not happen. */
export type SecretOutlook =
  | { readonly kind: "foreseen"; readonly own: OwnPullSecret | undefined }
  | { readonly kind: "failed"; readonly reasons: readonly string[] };

export interface SecretPorts {
  readonly secrets: PullSecrets;
  readonly secretUsers: SecretUsers;
}

interface Watch {
  readonly signal: AbortSignal;
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
}

/** Says in a preview what will be written and removed. Writes nothing: only a dry run is sent. */
export async function foreseePullSecret(
  ports: SecretPorts,
  request: SecretOutlookRequest,
  watch: Watch,
): Promise<SecretOutlook> {
  const { desired } = request;
  if (desired === "unknown") return { kind: "foreseen", own: unknownSecret };
  try {
    if (request.isPreview) await foretellRemoval(ports, request, watch);
    return desired === undefined
      ? { kind: "foreseen", own: undefined }
      : await foreseeWrite(ports.secrets, { ...request, desired }, watch);
  } catch (error) {
    if (isImageError(error)) return { kind: "failed", reasons: [error.message] };
    throw error;
  }
}

async function foreseeWrite(
  secrets: PullSecrets,
  request: SecretOutlookRequest & { readonly desired: DesiredPullSecret },
  { signal, info }: Watch,
): Promise<SecretOutlook> {
  const { desired, namespace, claimant, adopt, isPreview } = request;
  const { argument, name } = desired;
  const target = { namespace, name };
  requireElsewhere(desired, target);
  const say = isPreview ? info : () => undefined;
  const wanted = await wantedContent(secrets, desired, { signal });
  if (wanted.kind === "absent") {
    if (!isPreview)
      return {
        kind: "failed",
        reasons: [`${wanted.reason} Name what creates it in dependsOn. [API_NOT_FOUND]`],
      };
    say(`not known yet: ${wanted.reason}`);
    return { kind: "foreseen", own: { argument, name, keys: undefined, isComing: true } };
  }
  const { config, keys } = wanted;
  const live = await pathed(argument, () => secrets.getSecret(target, { signal }));
  const write = planSecretWrite({ live, target, config, claim: undefined, claimant, adopt });
  if (write.kind === "refused") throw new ImageError("SECRET_NOT_OWNED", `${argument}: ${write.message}`);
  const isComing = write.kind === "create" || write.kind === "replace";
  if (isComing) {
    await pathed(argument, () => rehearse(secrets, write, signal));
    say(describeWrite(target, wanted, live));
  }
  return { kind: "foreseen", own: { argument, name, keys, isComing } };
}

const unknownSecret: OwnPullSecret = {
  argument: "pullSecret",
  name: "",
  keys: undefined,
  isComing: true,
};

/** The namespace of the stream may come from the connection, so the arguments alone do not tell. */
function requireElsewhere(desired: DesiredPullSecret, target: SecretKey): void {
  if (desired.kind === "declared" || secretName(desired.source) !== secretName(target)) return;
  throw new ImageError(
    "ARGUMENT_INVALID",
    `${desired.argument}: secret ${secretName(target)} would be copied onto itself. Every import in its namespace uses it already; leave the argument out`,
  );
}

/** Rights, quota and admission answer to a dry run as for real. */
async function rehearse(
  secrets: PullSecrets,
  write: Exclude<SecretWrite, { readonly kind: "refused" | "unchanged" }>,
  signal: AbortSignal,
): Promise<void> {
  try {
    const method = write.kind === "create" ? "createSecret" : "replaceSecret";
    await secrets[method](write.secret, { dryRun: true, signal });
  } catch (error) {
    // The namespace may come with the same program, and a write that lost a race is planned again.
    if (!hasCode(error, "NAMESPACE_NOT_FOUND", "API_CONFLICT")) throw error;
  }
}

const shownKeys = 5;

function describeWrite(
  target: SecretKey,
  { config, keys }: { readonly config: DockerConfig; readonly keys: readonly string[] },
  live: Secret | undefined,
): string {
  const what = `pull secret ${secretName(target)} for ${nameList(keys, shownKeys)}`;
  if (live === undefined) return `${what} will be created`;
  const before = configOf(live);
  const after = fingerprint(config, target);
  const from = before === undefined ? "nothing readable" : fingerprint(before, target);
  return `${what} will change: fingerprint ${from} -> ${after}`;
}

/** A secret that is dropped, or gets another name, is removed at the end of `up`. */
async function foretellRemoval(
  { secrets, secretUsers }: SecretPorts,
  { namespace, desired, before, claimant, deleteInUse }: SecretOutlookRequest,
  { signal, info, warn }: Watch,
): Promise<void> {
  if (before === undefined || (typeof desired === "object" && desired.name === before)) return;
  const key = { namespace, name: before };
  const live = await secrets.getSecret(key, { signal });
  const claim = live && readSecretClaims(live).find(({ resource }) => resource === claimant);
  if (claim === undefined) return;
  if (planSecretRelease({ live, claim: claim.id, isKept: false }).kind !== "delete") return;
  const found = await secretUsers.findSecretUsers(key, { signal });
  const { isKept, warnings } = describeSecretUse(key, found, deleteInUse);
  for (const warning of warnings) warn(warning);
  if (!isKept) info(`pull secret ${secretName(key)} will be removed`);
}
