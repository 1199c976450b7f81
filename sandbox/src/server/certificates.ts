// tsyringe inside @peculiar/x509 does not load without it.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";

/** A certificate and its private key, both as PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateAuthority {
  /** PEM of the authority itself: what a client must trust. */
  readonly certificate: string;
  issueServer(hosts: readonly string[]): Promise<KeyPair>;
  /** A client certificate: the common name is the user, the organizations are the groups. */
  issueClient(user: string, groups: readonly string[]): Promise<KeyPair>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const dayInMilliseconds = 24 * 60 * 60 * 1000;
const loopbackHosts = ["127.0.0.1", "localhost", "::1"];

type KeyUsage = x509.ExtendedKeyUsage.serverAuth | x509.ExtendedKeyUsage.clientAuth;

export async function createCertificateAuthority(name: string): Promise<CertificateAuthority> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(),
    serialNumber: serialNumber(),
    name: [{ CN: [name] }],
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const issuer = { subject: certificate.subject, keys };
  return {
    certificate: certificate.toString("pem"),
    issueServer: (hosts) => issueServer(issuer, hosts),
    issueClient: (user, groups) =>
      issue(
        issuer,
        [{ CN: [user] }, ...groups.map((group) => ({ O: [group] }))],
        x509.ExtendedKeyUsage.clientAuth,
        [],
      ),
  };
}

interface Issuer {
  readonly subject: string;
  readonly keys: webcrypto.CryptoKeyPair;
}

function issueServer(issuer: Issuer, hosts: readonly string[]): Promise<KeyPair> {
  const names = [...new Set([...loopbackHosts, ...hosts])].map(toGeneralName);
  const extension = new x509.SubjectAlternativeNameExtension(names);
  return issue(issuer, [{ CN: ["sandbox"] }], x509.ExtendedKeyUsage.serverAuth, [extension]);
}

async function issue(
  issuer: Issuer,
  subject: x509.JsonName,
  usage: KeyUsage,
  extensions: readonly x509.Extension[],
): Promise<KeyPair> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(),
    serialNumber: serialNumber(),
    subject,
    issuer: issuer.subject,
    signingAlgorithm: algorithm,
    signingKey: issuer.keys.privateKey,
    publicKey: keys.publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usage]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
      ...extensions,
    ],
  });
  return { certificate: certificate.toString("pem"), key: await privateKeyPem(keys.privateKey) };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

function validity(): { readonly notBefore: Date; readonly notAfter: Date } {
  return {
    notBefore: new Date(Date.now() - dayInMilliseconds),
    notAfter: new Date(Date.now() + 30 * dayInMilliseconds),
  };
}

function serialNumber(): string {
  // The first byte stays below 0x80, since a serial number is a positive ASN.1 integer.
  return `01${Buffer.from(webcrypto.getRandomValues(new Uint8Array(8))).toString("hex")}`;
}

function toGeneralName(host: string): { readonly type: "ip" | "dns"; readonly value: string } {
  return { type: isIP(host) === 0 ? "dns" : "ip", value: host };
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}
