import { createPrivateKey, X509Certificate } from "node:crypto";
import type { ClientCertificate } from "./dispatcher.js";

/** A PEM text, or why the given text is none: the second half of a sentence that begins with a property path. */
export type PemVerdict =
  { readonly ok: true; readonly pem: string } | { readonly ok: false; readonly reason: string };

/** A PEM text as it may be given: itself, or in base64 as a kubeconfig's `...-data` fields hold it. */
export function pemText(text: string): string | undefined {
  if (text.includes("-----BEGIN ")) return text;
  if (!text.trimStart().startsWith("LS0tLS1CRUdJT")) return undefined;
  return Buffer.from(text, "base64").toString("utf8");
}

/** Why a text is taken for a path and is none; completes "cannot be read: ". */
export const bareKeyProblem = "it is no path, and a key or certificate needs its lines BEGIN and END";

/** Whether a text is the inside of a PEM text, which begins as every key and certificate does in base64. */
export function isBareKey(text: string): boolean {
  const compact = text.replaceAll(/\s/g, "");
  return compact.length >= 40 && /^M[C-Z][\w+/]+={0,2}$/.test(compact);
}

/** One or more certificates. */
export function checkCertificates(pem: string): PemVerdict {
  if (!pem.includes("-----BEGIN CERTIFICATE-----") && !pem.includes("-----BEGIN TRUSTED CERTIFICATE-----")) {
    return { ok: false, reason: "holds no certificate (no line BEGIN CERTIFICATE)" };
  }
  if (canBeParsed(() => new X509Certificate(pem))) return { ok: true, pem }; // looks at the first one
  return { ok: false, reason: "holds a certificate that cannot be parsed; is a line missing?" };
}

export function checkPrivateKey(pem: string): PemVerdict {
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
