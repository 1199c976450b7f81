/*
 * Who is trusted, the one rule for all servers. Where nobody says anything, Node's default counts: the CAs that it brings,
 * those of NODE_EXTRA_CA_CERTS, and the system's with --use-system-ca.
 *
 * - A CA that is given for the API server (also in a kubeconfig or a pod), for a container engine, or as `caCert` of the
 *   registry that is pruned takes the place of all others, as for oc and docker.
 * - A CA that is given for a registry that is pulled from (also in certs.d), or that the cluster brings along for its
 *   registry, counts beside Node's default and the system's store, as for podman and docker: `trustedBeside`.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { getCACertificates } from "node:tls";
import { nameOfFile } from "../support/text/paths.js";
import type { ClientCertificate } from "./dispatcher.js";
import { describeReadFailure, type Machine, resolvePath } from "./machine.js";

/** A PEM text, or why the given text is none: the second half of a sentence that begins with a property path. */
export type PemVerdict =
  { readonly ok: true; readonly pem: string } | { readonly ok: false; readonly reason: string };

/** A PEM text as it may be given: itself, or in base64 as a kubeconfig's `...-data` fields hold it. */
export function pemText(text: string): string | undefined {
  if (text.includes("-----BEGIN ")) return text;
  if (!text.trimStart().startsWith("LS0tLS1CRUdJT")) return undefined;
  return Buffer.from(text, "base64").toString("utf8");
}

export type PemKind = "certificates" | "private key";

/** What an argument says that is a PEM text or the path of a file with one; `~/` is the home folder. */
export function readPem(
  given: string,
  kind: PemKind,
  machine: Pick<Machine, "readFile" | "homeFolder">,
): PemVerdict {
  const text = pemText(given);
  if (text !== undefined) return checkPem(text, kind);
  const file = resolvePath(given, machine);
  try {
    return checkPem(machine.readFile(file), kind);
  } catch (error) {
    const problem = isBareKey(given)
      ? "it is no path, and a key or certificate needs its lines BEGIN and END"
      : describeReadFailure(error);
    return { ok: false, reason: `${nameOfFile(given, file)} cannot be read: ${problem}` };
  }
}

export function checkPem(pem: string, kind: PemKind): PemVerdict {
  return kind === "certificates" ? checkCertificates(pem) : checkPrivateKey(pem);
}

/** Whether a text is PEM without its BEGIN and END lines: every key and certificate begins alike in base64. */
function isBareKey(text: string): boolean {
  const compact = text.replaceAll(/\s/g, "");
  return compact.length >= 40 && /^M[C-Z][\w+/]+={0,2}$/.test(compact);
}

function checkCertificates(pem: string): PemVerdict {
  if (!pem.includes("-----BEGIN CERTIFICATE-----") && !pem.includes("-----BEGIN TRUSTED CERTIFICATE-----")) {
    return { ok: false, reason: "holds no certificate (no line BEGIN CERTIFICATE)" };
  }
  if (canBeParsed(() => new X509Certificate(pem))) return { ok: true, pem }; // looks at the first one
  return { ok: false, reason: "holds a certificate that cannot be parsed; is a line missing?" };
}

function checkPrivateKey(pem: string): PemVerdict {
  if (!pem.includes("PRIVATE KEY-----")) {
    return { ok: false, reason: "holds no private key (no line BEGIN PRIVATE KEY)" };
  }
  if (pem.includes("ENCRYPTED"))
    return { ok: false, reason: "is encrypted with a passphrase, which is not supported" };
  if (canBeParsed(() => createPrivateKey(pem))) return { ok: true, pem };
  return { ok: false, reason: "holds a private key that cannot be parsed; is a line missing?" };
}

function canBeParsed(parse: () => unknown): boolean {
  try {
    return parse() !== undefined;
  } catch {
    return false;
  }
}

/** Whether the key belongs to the first certificate; both must have passed the checks above. */
export function isKeyPair({ cert, key }: ClientCertificate): boolean {
  return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
}

let common: readonly string[] | undefined;

/** One PEM text of `own` CAs and all that are trusted beside them; undefined, which means Node's default, without `own`. */
export function trustedBeside(own: readonly string[]): string | undefined {
  if (own.length === 0) return undefined;
  common ??= [...getCACertificates("default"), ...getCACertificates("system")]; // the store takes 0.1 s to read
  return [...new Set([...own, ...common].map((pem) => pem.trim()))].join("\n");
}
