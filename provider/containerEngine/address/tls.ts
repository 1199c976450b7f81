import { join } from "node:path";
import type { EngineArgs } from "../../archive/args/parsed.js";
import { describeReadFailure, type Machine, readIfThere, setVariable } from "../../http/machine.js";
import { checkPem, type PemKind, type PemVerdict, readPem } from "../../http/tls.js";
import { ImageError } from "../../support/imageError.js";
import { dockerConfigFolder, type DockerContext } from "./contexts.js";

/** How we judge an engine's certificate, and the certificate that we show; PEM texts. */
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

/** What is given, and where it comes from. */
interface Pem {
  readonly verdict: PemVerdict;
  /** Before what is wrong with it. */
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
    throw invalid(
      `there is ${there} for the client and no ${missing} (${(cert ?? key)?.origin.replace(/:? $/, "") ?? ""})`,
    );
  }
  return {
    ca: checked(ca),
    cert: checked(cert),
    key: checked(key),
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
    ca: pemOf("caCert", "certificates", args, machine),
    cert: pemOf("clientCert", "certificates", args, machine),
    key: pemOf("clientKey", "private key", args, machine),
    skipVerify: skipTlsVerify,
  };
}

function tlsFromVariables(machine: Machine): TlsParts | undefined {
  const isVerified = setVariable(machine, "DOCKER_TLS_VERIFY") !== undefined;
  if (!isVerified && setVariable(machine, "DOCKER_TLS") === undefined) return undefined;
  const folder = setVariable(machine, "DOCKER_CERT_PATH") ?? dockerConfigFolder(machine);
  const pem = (name: string, kind: PemKind): Pem | undefined => {
    const file = join(folder, name);
    const text = readFile(file, machine);
    return text === undefined ? undefined : { verdict: checkPem(text, kind), origin: `${file} ` };
  };
  return {
    ca: pem("ca.pem", "certificates"),
    cert: pem("cert.pem", "certificates"),
    key: pem("key.pem", "private key"),
    skipVerify: !isVerified,
  };
}

function tlsOfContext({ tls, skipTlsVerify }: DockerContext): TlsParts | undefined {
  const origin = "TLS files of the Docker context ";
  const pem = (text: string | undefined, kind: PemKind): Pem | undefined =>
    text === undefined ? undefined : { verdict: checkPem(text, kind), origin };
  const parts = {
    ca: pem(tls.ca, "certificates"),
    cert: pem(tls.cert, "certificates"),
    key: pem(tls.key, "private key"),
  };
  const hasFiles = Object.values(parts).some((part) => part !== undefined);
  return hasFiles || skipTlsVerify ? { ...parts, skipVerify: skipTlsVerify } : undefined;
}

function pemOf(
  field: "caCert" | "clientCert" | "clientKey",
  kind: PemKind,
  { [field]: given }: TlsArgs,
  machine: Machine,
): Pem | undefined {
  if (given === undefined) return undefined;
  return { verdict: readPem(given, kind, machine), origin: `engine.${field}: ` };
}

function readFile(file: string, machine: Machine): string | undefined {
  try {
    return readIfThere(file, machine);
  } catch (cause) {
    throw invalid(`${file} cannot be read: ${describeReadFailure(cause)}`, cause);
  }
}

function checked(pem: Pem | undefined): string | undefined {
  if (pem === undefined) return undefined;
  if (pem.verdict.ok) return pem.verdict.pem;
  throw invalid(`${pem.origin}${pem.verdict.reason}`);
}

function invalid(problem: string, cause?: unknown): ImageError {
  return new ImageError("ENGINE_INVALID", `The TLS settings of the container engine are wrong: ${problem}`, {
    cause,
  });
}
