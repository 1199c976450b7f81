import type { ErrorCode } from "../support/imageError.js";
import type { DesiredTag } from "./desiredStream.js";
import type { ImageImportStatus, ImportedImage } from "./imageStream.js";
import { hostOf } from "./importBatches.js";

/** Why one image of an import failed, classified by the rows of okd-live.md 3 and import.md 2.5. */
export interface ImportFailure {
  readonly code: ErrorCode;
  /** What the server said, shortened to what matters. */
  readonly message: string;
  /** Whether the same import may well succeed in a moment. */
  readonly transient: boolean;
}

/** The answer to one image of an import. */
export type ImportRow =
  | { readonly kind: "imported"; readonly image: ImportedImage }
  | { readonly kind: "failed"; readonly failure: ImportFailure };

/** A row without an image is a failure, even where its status says Success (import.md 2.5, trap). */
export function readRow(row: ImageImportStatus | undefined): ImportRow {
  if (row?.image?.metadata.name !== undefined) return { kind: "imported", image: row.image };
  return { kind: "failed", failure: classify(row) };
}

const rules: readonly {
  readonly matches: (reason: string, message: string) => boolean;
  readonly code: ErrorCode;
  readonly transient: boolean;
}[] = [
  {
    matches: (_, m) => /toomanyrequests|too many requests/i.test(m),
    code: "IMPORT_RATE_LIMITED",
    transient: true,
  },
  {
    matches: (r, m) => r === "Unauthorized" || /\b(denied|unauthorized)\b/i.test(m),
    code: "IMPORT_UNAUTHORIZED",
    transient: false,
  },
  { matches: (r) => r === "NotFound", code: "IMPORT_NOT_FOUND", transient: false },
  { matches: (r) => r === "Forbidden", code: "IMPORT_REGISTRY_NOT_ALLOWED", transient: false },
  {
    matches: (r, m) => r === "BadRequest" || /x509|HTTP response to HTTPS client|tls:/i.test(m),
    code: "IMPORT_TLS",
    transient: false,
  },
  {
    matches: (_, m) => /no such host|unsupported|mismatch/i.test(m),
    code: "IMPORT_FAILED",
    transient: false,
  },
];

function classify(row: ImageImportStatus | undefined): ImportFailure {
  const reason = row?.status.reason ?? "";
  if (row === undefined || row.status.status === "Success") {
    return {
      code: "IMPORT_FAILED",
      message: "the cluster reported success but gave no image",
      transient: true,
    };
  }
  const message = (row.status.message ?? reason).replace(/^Internal error occurred: /, "");
  const rule = rules.find(({ matches }) => matches(reason, message));
  return rule === undefined
    ? { code: "IMPORT_FAILED", message, transient: reason === "InternalError" || reason === "Timeout" }
    : { code: rule.code, message, transient: rule.transient };
}

/** What may be known about a failure's surroundings; `undefined` where it may not be read. */
export interface FailureContext {
  readonly namespace: string;
  readonly pullSecretHosts: readonly string[] | undefined;
}

/** `tags.v1: quay.io/acme/web:1 was not imported: ...`, with what to do about it and the stable code. */
export function describeFailure(tag: DesiredTag, failure: ImportFailure, context: FailureContext): string {
  const advice = adviceFor(tag, failure, context);
  const message = failure.message.replace(/[.\s]+$/, "");
  return `tags.${tag.name}: ${tag.image} was not imported: ${message}.${advice === "" ? "" : ` ${advice}`} [${failure.code}]`;
}

function adviceFor(tag: DesiredTag, failure: ImportFailure, context: FailureContext): string {
  const host = hostOf(tag.image);
  switch (failure.code) {
    case "IMPORT_UNAUTHORIZED":
      return pullSecretAdvice(host, context);
    case "IMPORT_NOT_FOUND":
      return "The registry has no such repository or tag, or hides it from these credentials.";
    case "IMPORT_TLS":
      return `Add the CA of ${host} to the cluster's image configuration (additionalTrustedCA), or set insecure: true for this tag.`;
    case "IMPORT_RATE_LIMITED":
      return `${host} limits pulls; a pull secret in namespace ${context.namespace} usually raises the limit.`;
    case "IMPORT_REGISTRY_NOT_ALLOWED":
      return "The cluster's image configuration blocks this registry (registrySources, allowedRegistriesForImport).";
    default:
      if (/no such host/.test(failure.message)) return `The cluster does not know the host name ${host}.`;
      return failure.transient ? `Is ${host} reachable from the cluster?` : "";
  }
}

function pullSecretAdvice(host: string, context: FailureContext): string {
  const { namespace, pullSecretHosts } = context;
  const rule =
    "OKD uses every pull secret of the namespace, nothing has to be linked; the first key that matches host, port and path is the only one tried.";
  if (pullSecretHosts === undefined)
    return `Is there a pull secret for ${host} in namespace ${namespace}? ${rule}`;
  if (pullSecretHosts.some((key) => key === host || key.startsWith(`${host}/`))) {
    return `Namespace ${namespace} has a pull secret for ${host}, which the registry did not accept. ${rule}`;
  }
  const found = pullSecretHosts.length === 0 ? "none at all" : `found: ${pullSecretHosts.join(", ")}`;
  return `No pull secret in namespace ${namespace} is for ${host} (${found}). Create one with exactly that host and port as its key. ${rule}`;
}

/** Whether a secret that is still to be created might be all that is missing. */
export function mayLackPullSecret(tag: DesiredTag, failure: ImportFailure, context: FailureContext): boolean {
  if (failure.code !== "IMPORT_UNAUTHORIZED") return false;
  const host = hostOf(tag.image);
  return !(context.pullSecretHosts ?? []).some((key) => key === host || key.startsWith(`${host}/`));
}
