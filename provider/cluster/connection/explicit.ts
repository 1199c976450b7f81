import { createHash } from "node:crypto";
import type { CredentialKind, CredentialSource, RequestCredentials } from "../../http/credentials.js";
import type { Endpoint } from "../../http/dispatcher.js";
import type { Machine } from "../../http/machine.js";
import { isKeyPair, pemText, type PemVerdict, readPem } from "../../http/tls.js";
import { ImageError } from "../../support/imageError.js";
import { looksLikePath } from "../../support/text/paths.js";
import { quoted } from "../../support/text/visible.js";
import { type ConnectionField, type ConnectionFields, problemText } from "./fields.js";
import { noProxyProblem, proxyHeadersProblem, proxyProblem } from "./proxy.js";

type PemField = "caCert" | "clientCert" | "clientKey";

/**
 * Checks what a place says explicitly, files included.
 * @throws ImageError CONNECTION_INVALID with one line for each wrong setting
 */
export function checkFields(fields: ConnectionFields, machine: Machine): void {
  const { inputs, origin } = fields;
  const problems: string[] = [];
  const report = (field: ConnectionField, problem: string | undefined) => {
    if (problem !== undefined) problems.push(problemText(field, problem, origin(field)));
  };
  report("host", hostProblem(inputs.host));
  report("proxyUrl", proxyProblem(inputs.proxyUrl));
  report("noProxy", noProxyProblem(inputs.noProxy));
  report("proxyHeaders", proxyHeadersProblem(inputs.proxyHeaders));
  report("token", tokenProblem(inputs.token));
  if (inputs.token !== undefined && inputs.username !== undefined)
    report("username", "give either token or username");
  if (inputs.username?.includes(":") === true) report("username", "must not contain a colon");
  if (inputs.username !== undefined && inputs.password === undefined)
    report("username", "needs password beside it");
  if (inputs.password !== undefined && inputs.username === undefined)
    report("password", "needs username beside it");
  if (inputs.clientCert !== undefined && inputs.clientKey === undefined)
    report("clientCert", "needs clientKey beside it");
  if (inputs.clientKey !== undefined && inputs.clientCert === undefined)
    report("clientKey", "needs clientCert beside it");
  const verdicts = (["caCert", "clientCert", "clientKey"] as const).map((field) =>
    pemAt(fields, field, machine),
  );
  const [ca, cert, key] = verdicts;
  if (ca?.ok === false) report("caCert", ca.reason);
  if (cert?.ok === false) report("clientCert", cert.reason);
  if (key?.ok === false) report("clientKey", key.reason);
  if (cert?.ok === true && key?.ok === true && !isKeyPair({ cert: cert.pem, key: key.pem })) {
    report("clientKey", "does not belong to clientCert");
  }
  if (problems.length > 0) throw new ImageError("CONNECTION_INVALID", problems.join("\n"));
}

function hostProblem(host: string | undefined): string | undefined {
  if (host === undefined) return undefined;
  if (/\s/.test(host)) return `${shownHost(host.trim())} has a blank or a line break in it or around it`;
  const shown = shownHost(host);
  if (!/^[a-z][a-z+.-]*:\/\//i.test(host)) {
    return isShown(host)
      ? `${shown} is not a URL; write https://${host.replace(/^(https?:)?\W*/i, "")}`
      : `${shown} is not a URL; write https://api.example.com:6443`;
  }
  const url = URL.parse(host);
  if (url === null || !["http:", "https:"].includes(url.protocol))
    return `${shown} is not an address like https://api.example.com:6443`;
  if (url.username !== "" || url.password !== "")
    return "must not contain user and password; use username and password";
  if (url.search !== "" || url.hash !== "") return "must be a plain address without ? and #";
  return pathProblem(url);
}

/** A longer text is content in the wrong place, which may be secret. */
function isShown(host: string): boolean {
  return host.length <= 120 && looksLikePath(host.replace(/^https?:\/\//i, "/"));
}

function shownHost(host: string): string {
  return isShown(host) ? quoted(host) : `what is given (${host.length} characters)`;
}

/** A proxy may serve an API server below a path, but never below these paths or at these names. */
function pathProblem({ pathname, hostname }: URL): string | undefined {
  const advice = "give the address that `oc whoami --show-server` prints";
  if (/^(console|oauth)-openshift/.test(hostname))
    return `"${hostname}" is the web console's or the login's name; ${advice}`;
  const [path] = /\/(console|dashboards|oauth|oapi|api\/v1|apis)\b.*$/.exec(pathname) ?? [];
  return path === undefined ? undefined : `ends with ${path}; ${advice}`;
}

function tokenProblem(token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  if (/[\r\n]/.test(token))
    return "contains a line break; was it read from a file with the break at its end?";
  if (/^(authorization|bearer)\b/i.test(token))
    return "begins with a word of the header; give the token alone, without Bearer";
  if (/["']/.test(token)) return "contains quotes; give the token without them";
  return /^[\x21-\x7e]+$/.test(token) ? undefined : "contains a blank or another character that no token has";
}

/** The PEM text of a field that holds one, or a path; `undefined` when the field is not set. */
function pemAt({ inputs }: ConnectionFields, field: PemField, machine: Machine): PemVerdict | undefined {
  const given = inputs[field];
  if (given === undefined) return undefined;
  return readPem(given, field === "clientKey" ? "private key" : "certificates", machine);
}

function readCheckedPem(fields: ConnectionFields, field: PemField, machine: Machine): string | undefined {
  const verdict = pemAt(fields, field, machine);
  return verdict?.ok === true ? verdict.pem : undefined;
}

/**
 * `base`, overwritten with what a place says about address and trust. The fields must have passed `checkFields`. A place that
 * names a proxy starts without the headers of worse places, whose logins are for another one.
 */
export function overlaidEndpoint(base: Endpoint, fields: ConnectionFields, machine: Machine): Endpoint {
  const { skipTlsVerify, tlsServerName, proxyUrl, proxyHeaders } = fields.inputs;
  return {
    server: base.server,
    ca: readCheckedPem(fields, "caCert", machine) ?? base.ca,
    skipTlsVerify: skipTlsVerify ?? base.skipTlsVerify,
    tlsServerName: tlsServerName ?? base.tlsServerName,
    proxyUrl: proxyUrl ?? base.proxyUrl,
    proxyHeaders: proxyHeaders ?? (proxyUrl === undefined ? base.proxyHeaders : undefined),
  };
}

/** Explicit credentials of a place: token, or user and password; a client certificate alone or besides. */
export function explicitCredentials(
  fields: ConnectionFields,
  machine: Machine,
): CredentialSource | undefined {
  const { token, username, clientCert } = fields.inputs;
  if (token !== undefined) return explicitSource(fields, "token", "token", machine);
  if (username !== undefined) return explicitSource(fields, "basic", "username", machine);
  if (clientCert !== undefined) return explicitSource(fields, "certificate", "clientCert", machine);
  return undefined;
}

/** Reads a certificate that was given by path again after a 401; nothing else can change. */
function explicitSource(
  fields: ConnectionFields,
  kind: CredentialKind,
  field: ConnectionField,
  machine: Machine,
): CredentialSource {
  const origin = `${field} (${fields.origin(field)})`;
  let credentials: RequestCredentials | undefined = explicitRequestCredentials(fields, machine);
  const read = async () => {
    if (credentials === undefined) {
      checkFields(fields, machine);
      credentials = explicitRequestCredentials(fields, machine);
    }
    return await Promise.resolve(credentials);
  };
  const isFile = (given: string | undefined) => given !== undefined && pemText(given) === undefined;
  const { clientCert, clientKey } = fields.inputs;
  if (!isFile(clientCert) && !isFile(clientKey)) return { origin, kind, read };
  return { origin, kind, read, forget: () => (credentials = undefined) };
}

function explicitRequestCredentials(fields: ConnectionFields, machine: Machine): RequestCredentials {
  const { token, username, password = "" } = fields.inputs;
  const cert = readCheckedPem(fields, "clientCert", machine);
  const key = readCheckedPem(fields, "clientKey", machine);
  const certificate = cert === undefined || key === undefined ? undefined : { cert, key };
  if (token !== undefined) return { headers: { Authorization: `Bearer ${token}` }, certificate };
  if (username === undefined) return { headers: {}, certificate };
  const pair = Buffer.from(`${username}:${password}`).toString("base64");
  return { headers: { Authorization: `Basic ${pair}` }, certificate };
}

/** Tells two sets of explicit credentials apart without holding them. */
export function credentialFingerprint({ inputs }: ConnectionFields): string {
  const { token, username, password, clientCert, clientKey } = inputs;
  return createHash("sha256")
    .update(JSON.stringify([token, username, password, clientCert, clientKey]))
    .digest("hex");
}
