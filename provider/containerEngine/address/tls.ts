import { join } from "node:path";
import type { EngineArgs } from "../../archive/args/archive.js";
import {
  bareKeyProblem,
  checkCertificates,
  checkPrivateKey,
  isBareKey,
  pemText,
  type PemVerdict,
} from "../../http/pem.js";
import { ImageError } from "../../support/imageError.js";
import { nameOfFile } from "../../support/text/paths.js";
import { dockerConfigFolder, type DockerContext } from "./contexts.js";
import { type Machine, readIfThere, resolvePath, setVariable } from "../../http/machine.js";

/** How an engine's certificate is judged, and what we show; PEM texts. */
export interface EngineTls {
  /** Instead of the system's CAs. */
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly skipVerify: boolean;
  /** Name that the certificate must be for, instead of the host's. */
  readonly serverName: string | undefined;
}

type TlsArgs = Pick<EngineArgs, "caCert" | "clientCert" | "clientKey" | "skipTlsVerify" | "tlsHostname">;

/** A PEM text and where it comes from. */
interface Pem {
  readonly text: string;
  readonly origin: string;
}

/**
 * TLS of a tcp address: the arguments, filled up from the context, or without one from DOCKER_TLS_VERIFY (verified),
 * DOCKER_TLS (not verified; any text counts for both, even "0", as for the Docker CLI) and the files ca.pem, cert.pem
 * and key.pem in DOCKER_CERT_PATH. Undefined: nothing asks for TLS.
 * @throws ImageError ENGINE_INVALID for certificates and keys that cannot be read or do not fit
 */
export function engineTls(
  args: TlsArgs,
  context: DockerContext | undefined,
  machine: Machine,
): EngineTls | undefined {
  const given = givenTls(args, machine);
  const ambient = context === undefined ? tlsFromVariables(machine) : tlsOfContext(context);
  if (given === undefined && ambient === undefined) return undefined;
  const ca = given?.ca ?? ambient?.ca;
  const cert = given?.cert ?? ambient?.cert;
  const key = given?.key ?? ambient?.key;
  if ((cert === undefined) !== (key === undefined)) {
    const [there, missing] = cert === undefined ? ["a key", "certificate"] : ["a certificate", "key"];
    throw invalid(`there is ${there} for the client and no ${missing} (${(cert ?? key)?.origin ?? ""})`);
  }
  return {
    ca: checked(ca, checkCertificates),
    cert: checked(cert, checkCertificates),
    key: checked(key, checkPrivateKey),
    skipVerify: args.skipTlsVerify || (given?.ca === undefined && ambient?.skipVerify === true),
    serverName: args.tlsHostname,
  };
}

interface TlsParts {
  readonly ca: Pem | undefined;
  readonly cert: Pem | undefined;
  readonly key: Pem | undefined;
  readonly skipVerify: boolean;
}

function givenTls(args: TlsArgs, machine: Machine): TlsParts | undefined {
  const { caCert, clientCert, clientKey, skipTlsVerify, tlsHostname } = args;
  const isGiven = [caCert, clientCert, clientKey, tlsHostname].some((value) => value !== undefined);
  if (!isGiven && !skipTlsVerify) return undefined;
  return {
    ca: pemOf(caCert, "engine.caCert", machine),
    cert: pemOf(clientCert, "engine.clientCert", machine),
    key: pemOf(clientKey, "engine.clientKey", machine),
    skipVerify: skipTlsVerify,
  };
}

function tlsFromVariables(machine: Machine): TlsParts | undefined {
  const isVerified = setVariable(machine, "DOCKER_TLS_VERIFY") !== undefined;
  if (!isVerified && setVariable(machine, "DOCKER_TLS") === undefined) return undefined;
  const folder = setVariable(machine, "DOCKER_CERT_PATH") ?? dockerConfigFolder(machine);
  const pem = (name: string): Pem | undefined => {
    const file = join(folder, name);
    const text = readFile(file, file, machine);
    return text === undefined ? undefined : { text, origin: file };
  };
  return { ca: pem("ca.pem"), cert: pem("cert.pem"), key: pem("key.pem"), skipVerify: !isVerified };
}

function tlsOfContext({ tls, skipTlsVerify }: DockerContext): TlsParts | undefined {
  const pem = (text: string | undefined): Pem | undefined =>
    text === undefined ? undefined : { text, origin: "TLS files of the Docker context" };
  const parts = { ca: pem(tls.ca), cert: pem(tls.cert), key: pem(tls.key) };
  const hasFiles = Object.values(parts).some((part) => part !== undefined);
  return hasFiles || skipTlsVerify ? { ...parts, skipVerify: skipTlsVerify } : undefined;
}

/** An argument that is a PEM text or the path of one. */
function pemOf(given: string | undefined, origin: string, machine: Machine): Pem | undefined {
  if (given === undefined) return undefined;
  const file = resolvePath(given, machine);
  const text = pemText(given) ?? readFile(file, origin, machine);
  if (text !== undefined) return { text, origin };
  if (isBareKey(given)) throw invalid(`${origin}: ${bareKeyProblem}`);
  const name = nameOfFile(given, file);
  throw invalid(name === file ? `${origin}: there is no file ${file}` : `${origin}: ${name} is no file`);
}

function readFile(file: string, origin: string, machine: Machine): string | undefined {
  try {
    return readIfThere(file, machine);
  } catch (cause) {
    throw invalid(`${origin}: ${nameOfFile(file)} cannot be read`, cause);
  }
}

function checked(pem: Pem | undefined, check: (text: string) => PemVerdict): string | undefined {
  if (pem === undefined) return undefined;
  const verdict = check(pem.text);
  if (verdict.ok) return verdict.pem;
  throw invalid(`${pem.origin} ${verdict.reason}`);
}

function invalid(problem: string, cause?: unknown): ImageError {
  return new ImageError("ENGINE_INVALID", `The TLS settings of the container engine are wrong: ${problem}`, {
    cause,
  });
}
