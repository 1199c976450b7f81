const plainHttpCodes = ["EPROTO", "ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG"];
const unknownAuthorityCodes = [
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_SIGNATURE_FAILURE",
];
const tlsFailure = "tls: failed to verify certificate: x509:";

/** A connection error in the words of Go's net/http, which end up in the rows and conditions of an import. */
export function describeNetworkError(
  error: unknown,
  address: { readonly host: string; readonly port: number },
): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  const target = `${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
  if (code === "ECONNREFUSED") return `dial tcp ${target}: connect: connection refused`;
  if (code === "ECONNRESET" || code === "EPIPE") return "EOF";
  if (plainHttpCodes.includes(code)) return "http: server gave HTTP response to HTTPS client";
  if (unknownAuthorityCodes.includes(code)) return `${tlsFailure} certificate signed by unknown authority`;
  if (code === "CERT_HAS_EXPIRED") return `${tlsFailure} certificate has expired or is not yet valid`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return `${tlsFailure} certificate is not valid for ${address.host}`;
  return message;
}
