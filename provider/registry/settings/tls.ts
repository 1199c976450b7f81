import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { ClientCertificate } from "../../http/dispatcher.js";
import { describeReadFailure, type Machine } from "../../http/machine.js";
import { type PemKind, readPem } from "../../http/tls.js";
import { registryAlias } from "../../oci/names/pullReference.js";
import { isMissing } from "../../support/files/place.js";
import { ImageError } from "../../support/imageError.js";
import { type ImageRegistrySettings, settingsFor } from "./hosts.js";

/** The CAs that a TLS connection to one host trusts, and the certificate that it shows. */
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
  const own =
    caCert === undefined ? undefined : given(caCert, "certificates", `${where}.caCert`, settings.machine);
  const folder = certsFolder(settings.machine, host);
  return {
    caCerts: own === undefined ? folder.caCerts : [own],
    certificate:
      ownCertificate(clientCert, clientKey, where, settings) ?? folder.certificate(settings.onSecret),
    insecure: insecure === true,
  };
}

function ownCertificate(
  clientCert: string | undefined,
  clientKey: string | undefined,
  where: string,
  { machine, onSecret }: ImageRegistrySettings,
): ClientCertificate | undefined {
  if (clientCert === undefined && clientKey === undefined) return undefined;
  if (clientCert === undefined || clientKey === undefined) {
    throw new ImageError("CONNECTION_INVALID", `${where}: clientCert and clientKey must be given together`);
  }
  const key = given(clientKey, "private key", `${where}.clientKey`, machine);
  onSecret(key);
  return { cert: given(clientCert, "certificates", `${where}.clientCert`, machine), key };
}

function given(textOrPath: string, kind: PemKind, where: string, machine: Machine): string {
  const verdict = readPem(textOrPath, kind, machine);
  if (verdict.ok) return verdict.pem;
  throw new ImageError("CONNECTION_INVALID", `${where}: ${verdict.reason}`);
}

function textOf(path: string, machine: Machine): string {
  try {
    return machine.readFile(path);
  } catch (cause) {
    const why = describeReadFailure(cause);
    throw new ImageError("CONNECTION_INVALID", `${path}: the file cannot be read: ${why}`, { cause });
  }
}

interface CertsFolder {
  readonly caCerts: readonly string[];
  readonly certificate: (onSecret: (secret: string) => void) => ClientCertificate | undefined;
}

/** `*.crt` are CAs; `x.cert` and `x.key` are a client's certificate. */
function certsFolder(machine: Machine, host: string): CertsFolder {
  const { homeFolder, systemFolder } = machine;
  const parents = [
    join(homeFolder, ".config/containers/certs.d"),
    join(systemFolder, "containers/certs.d"),
    join(systemFolder, "docker/certs.d"),
  ];
  const files = parents.map((parent) => join(parent, registryAlias(host))).flatMap(filesIn);
  const read = (path: string) => textOf(path, machine);
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
