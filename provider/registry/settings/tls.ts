import { readdirSync } from "node:fs";
import { join } from "node:path";
import { getCACertificates } from "node:tls";
import type { ClientCertificate } from "../../http/dispatcher.js";
import type { Machine } from "../../http/machine.js";
import {
  bareKeyProblem,
  checkCertificates,
  checkPrivateKey,
  isBareKey,
  pemText,
  type PemVerdict,
} from "../../http/pem.js";
import { registryAlias } from "../../oci/names/pullReference.js";
import { isMissing, readTextFile } from "../../support/files/place.js";
import { ImageError } from "../../support/imageError.js";
import { type ImageRegistrySettings, settingsFor } from "./hosts.js";

/** What is trusted and shown in a TLS connection to one host. */
export interface HostTls {
  /** PEM texts that are trusted beside the system's. */
  readonly caCerts: readonly string[];
  readonly certificate: ClientCertificate | undefined;
  readonly insecure: boolean;
}

/**
 * The user's settings; what they do not say comes from `certs.d/<host>` of docker and containers (facts/registries.md 21).
 * @throws ImageError CONNECTION_INVALID: a certificate or key that cannot be read
 */
export function hostTls(settings: ImageRegistrySettings, host: string): HostTls {
  const { caCert, clientCert, clientKey, insecure } = settingsFor(settings, host);
  const where = `registries[${JSON.stringify(host)}]`;
  const own = caCert === undefined ? undefined : readPem(caCert, `${where}.caCert`, checkCertificates);
  const folder = certsFolder(settings.machine, host);
  return {
    caCerts: own === undefined ? folder.caCerts : [own],
    certificate:
      ownCertificate(clientCert, clientKey, where, settings.onSecret) ??
      folder.certificate(settings.onSecret),
    insecure: insecure === true,
  };
}

/** One PEM text for a dispatcher; undefined: the system's alone. */
export function trusted(caCerts: readonly string[]): string | undefined {
  return caCerts.length === 0 ? undefined : [...caCerts, ...getCACertificates("default")].join("\n");
}

function ownCertificate(
  clientCert: string | undefined,
  clientKey: string | undefined,
  where: string,
  onSecret: (secret: string) => void,
): ClientCertificate | undefined {
  if (clientCert === undefined && clientKey === undefined) return undefined;
  if (clientCert === undefined || clientKey === undefined) {
    throw new ImageError("CONNECTION_INVALID", `${where}: clientCert and clientKey must be given together`);
  }
  const key = readPem(clientKey, `${where}.clientKey`, checkPrivateKey);
  onSecret(key);
  return { cert: readPem(clientCert, `${where}.clientCert`, checkCertificates), key };
}

function readPem(textOrPath: string, where: string, check: (pem: string) => PemVerdict): string {
  const verdict = check(pemText(textOrPath) ?? readFileAt(textOrPath, where));
  if (verdict.ok) return verdict.pem;
  throw new ImageError("CONNECTION_INVALID", `${where}: ${verdict.reason}`);
}

function readFileAt(path: string, where: string): string {
  const file = readTextFile(path);
  if (file.ok) return file.text;
  if (isBareKey(path)) throw new ImageError("CONNECTION_INVALID", `${where}: ${bareKeyProblem}`);
  throw new ImageError("CONNECTION_INVALID", `${where}: the file cannot be read: it ${file.why}`);
}

interface CertsFolder {
  readonly caCerts: readonly string[];
  readonly certificate: (onSecret: (secret: string) => void) => ClientCertificate | undefined;
}

/** `*.crt` are CAs; `x.cert` and `x.key` are a client's certificate. */
function certsFolder({ homeFolder, systemFolder }: Machine, host: string): CertsFolder {
  const parents = [
    join(homeFolder, ".config/containers/certs.d"),
    join(systemFolder, "containers/certs.d"),
    join(systemFolder, "docker/certs.d"),
  ];
  const files = parents.map((parent) => join(parent, registryAlias(host))).flatMap(filesIn);
  const read = (path: string) => readFileAt(path, path);
  const cert = files.find((path) => path.endsWith(".cert") && files.includes(keyBeside(path)));
  return {
    caCerts: files.filter((path) => path.endsWith(".crt")).map(read),
    certificate: (onSecret) => {
      if (cert === undefined) return undefined;
      const key = read(keyBeside(cert));
      onSecret(key);
      return { cert: read(cert), key };
    },
  };
}

function keyBeside(cert: string): string {
  return cert.replace(/\.cert$/, ".key");
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw new ImageError("CONNECTION_INVALID", `${folder}: the folder cannot be read`, { cause: error });
  }
}
