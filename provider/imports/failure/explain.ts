import type { ImageImportStatus, ImportedImage } from "../../okd/imageStream.js";
import type { ErrorCode } from "../../support/imageError.js";
import { excerpt } from "../../support/text/excerpt.js";
import { trimmedEnd } from "../../support/text/spelling.js";
import type { ImageTag, PlacedStream } from "../args/desiredStream.js";
import type { Cluster } from "../ports.js";
import { type OwnPullSecret, withOwnKeys } from "./ownPullSecret.js";
import { type KnownPullSecrets, pullSecretAdvice } from "./pullSecretAdvice.js";
import { hostOf, judgeKeys } from "./pullSecretMatch.js";

/** Why one image of an import failed (facts/importing.md 23). */
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

/** A row without an image is a failure, even where its status says Success (facts/importing.md 2). */
export function readRow(row: ImageImportStatus | undefined): ImportRow {
  if (row?.image?.metadata.name !== undefined) return { kind: "imported", image: row.image };
  return { kind: "failed", failure: failureOf(row) };
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

/** Characters. */
const maxMessage = 1000;

/** Why an image, or a repository, could not be read. */
export function failureOf(row: ImageImportStatus | undefined): ImportFailure {
  const reason = row?.status.reason ?? "";
  if (row === undefined || row.status.status === "Success") {
    return {
      code: "IMPORT_FAILED",
      message: "the cluster reported success but gave no image",
      transient: true,
    };
  }
  const message = excerpt(row.status.message ?? reason, maxMessage).replace(/^Internal error occurred: /, "");
  const rule = rules.find(({ matches }) => matches(reason, message));
  return rule === undefined
    ? { code: "IMPORT_FAILED", message, transient: reason === "InternalError" || reason === "Timeout" }
    : { code: rule.code, message, transient: rule.transient };
}

/** What is known about a failure's surroundings. */
export type FailureContext = KnownPullSecrets;

/** `tags.v1: quay.io/acme/web:1 was not imported: ...`, with what to do about it and the stable code. */
export function describeImportFailure(
  tag: ImageTag,
  failure: ImportFailure,
  context: FailureContext,
): string {
  const advice = importAdvice(tag.image, failure, context);
  const message = trimmedEnd(failure.message, ". \n\r\t");
  return `tags.${tag.name}: ${tag.image} was not imported: ${message}.${advice === "" ? "" : ` ${advice}`} [${failure.code}]`;
}

/** `repository: quay.io/acme/web cannot be listed: ...`, likewise. */
export function describeListingFailure(
  image: string,
  failure: ImportFailure,
  context: FailureContext,
): string {
  const advice = importAdvice(image, failure, context);
  const message = trimmedEnd(failure.message, ". \n\r\t");
  return `repository: ${image} cannot be listed: ${message}.${advice === "" ? "" : ` ${advice}`} [${failure.code}]`;
}

/** What to do about it, in sentences with a full stop; empty where nobody knows. */
export function importAdvice(image: string, failure: ImportFailure, context: FailureContext): string {
  const host = hostOf(image);
  switch (failure.code) {
    case "IMPORT_UNAUTHORIZED":
      return pullSecretAdvice(image, context);
    case "IMPORT_NOT_FOUND":
      return "The registry has no such repository or tag, or hides it from these credentials.";
    case "IMPORT_TLS":
      return `Add the CA of ${host} to the cluster's image configuration (additionalTrustedCA), or set insecure: true.`;
    case "IMPORT_RATE_LIMITED":
      return `${host} limits pulls; a pull secret in namespace ${context.namespace} usually raises the limit.`;
    case "IMPORT_REGISTRY_NOT_ALLOWED":
      return "The cluster's image configuration blocks this registry (registrySources, allowedRegistriesForImport).";
    default:
      if (/no such host/.test(failure.message)) return `The cluster does not know the host name ${host}.`;
      return failure.transient ? `Is ${host} reachable from the cluster?` : "";
  }
}

/**
 * Whether the same program may mend it by a pull secret that it creates or replaces. Nobody knows which secret that will be,
 * so a secret that applies today decides nothing.
 */
export function mayLackPullSecret({ code }: ImportFailure): boolean {
  return code === "IMPORT_UNAUTHORIZED";
}

/** Whether the registry refused credentials, which `up` does not mend by itself. */
export function hasRefusedSecret({ image }: Pick<ImageTag, "image">, { keys }: FailureContext): boolean {
  return keys !== undefined && judgeKeys(image, keys).applying !== undefined;
}

/** The namespace's pull secrets are read only when a registry has refused; undefined where they may not be read. */
export async function failureContext(
  cluster: Cluster,
  { desired, own }: { readonly desired: PlacedStream; readonly own?: OwnPullSecret | undefined },
  rows: ReadonlyMap<string, ImportRow>,
  signal: AbortSignal,
): Promise<FailureContext> {
  const { namespace } = desired;
  const isDenied = [...rows.values()].some(
    (row) => row.kind === "failed" && row.failure.code === "IMPORT_UNAUTHORIZED",
  );
  const keys = isDenied ? await cluster.diagnosis.pullSecretKeys(namespace, { signal }) : undefined;
  return { namespace, own, keys: own === undefined ? keys : withOwnKeys(keys ?? [], own) };
}
