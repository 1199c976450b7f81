import { ImageError, isImageError } from "../support/imageError.js";

/** No usable answer came: the request did not arrive, or the connection ended before the answer. */
export class UnreachableError extends ImageError {
  /** Code of Node, OpenSSL or undici, such as ECONNREFUSED; "UNKNOWN" when there was none. */
  readonly failure: string;
  /** True when it is certain that the server has seen nothing of the request. */
  readonly beforeSending: boolean;
  /** True when the same request may well succeed a moment later. */
  readonly transient: boolean;
  /** Why, and what to do about it: the end of the message. */
  readonly reason: string;

  constructor(message: string, kind: ExplainedFailure, cause: unknown) {
    super("API_UNREACHABLE", message, { cause });
    this.failure = kind.failure;
    this.reason = kind.reason;
    this.beforeSending = kind.beforeSending;
    this.transient = kind.transient;
  }
}

export function isUnreachable(error: unknown): error is UnreachableError {
  return isImageError(error) && "beforeSending" in error;
}

const otherThanTls = [
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
  "ERR_SSL_HTTP_REQUEST",
  "EPROTO",
];

/** Whether the answer was something else than TLS. */
export function speaksNoTls({ failure }: UnreachableError): boolean {
  return otherThanTls.includes(failure);
}

/** Whether the handshake failed, for whatever reason. */
export function isTlsFailure({ failure }: UnreachableError): boolean {
  return (
    /CERT|SSL|TLS|EPROTO|VERIFY_LEAF|GET_ISSUER|^HOSTNAME_MISMATCH$/.test(failure) &&
    failure !== "UND_ERR_PRX_TLS"
  );
}

const noAnswer = [
  ...["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ENETUNREACH", "EHOSTUNREACH", "ENETDOWN", "EADDRNOTAVAIL"],
  ...["ETIMEDOUT", "UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"],
];

/** Whether nobody answered: unknown name, no route, nothing that listens or replies, or a proxy that gets no further. */
export function isNobodyThere({ failure, cause }: UnreachableError): boolean {
  return noAnswer.includes(failure) || proxyRefusal(findCoded(cause).message) !== undefined;
}

interface FailureKind {
  readonly beforeSending: boolean;
  readonly transient: boolean;
}

interface ExplainedFailure extends FailureKind {
  readonly failure: string;
  readonly reason: string;
}

interface KnownFailure extends FailureKind {
  readonly codes: readonly string[];
  readonly explain: (target: NamedTarget, error: CodedError) => string;
}

/** The user's names of the settings that messages advise to change. */
export interface SettingNames {
  readonly caCert: string;
  readonly skipTlsVerify: string;
  readonly serverName: string;
  readonly proxyUrl: string;
  /** Where servers are listed that need no proxy. */
  readonly noProxy: string;
}

const connectionSettings: SettingNames = {
  caCert: "caCert",
  skipTlsVerify: "skipTlsVerify",
  serverName: "tlsServerName",
  proxyUrl: "proxyUrl",
  noProxy: "noProxy, or in NO_PROXY where the proxy comes from the variables",
};

/** The server of a request; `via` is the proxy's host, without its credentials. */
export interface Target {
  readonly server: string;
  readonly via: string | undefined;
  /** Default: those of a connection. */
  readonly settings?: SettingNames;
}

type NamedTarget = Required<Target>;

interface CodedError {
  readonly code: string;
  readonly message: string;
}

const refused = { beforeSending: true, transient: true } as const;
const hopeless = { beforeSending: true, transient: false } as const;
const cut = { beforeSending: false, transient: true } as const;

const knownFailures: readonly KnownFailure[] = [
  {
    ...refused,
    codes: ["ECONNREFUSED"],
    explain: ({ server, via, settings }) =>
      `connection refused: nothing listens at ${via ?? new URL(server).host}${orNoProxy(via, settings)}`,
  },
  {
    ...refused,
    codes: ["EAI_AGAIN"],
    explain: () => "the name server does not answer; is this machine online?",
  },
  {
    ...cut,
    codes: ["ENETUNREACH", "EHOSTUNREACH", "ENETDOWN", "EADDRNOTAVAIL"],
    explain: ({ settings }, { code }) =>
      `there is no way to it (${code}); is a VPN or a proxy (${settings.proxyUrl}) needed?`,
  },
  {
    ...hopeless,
    codes: ["ENOTFOUND"],
    explain: ({ server, via, settings }) =>
      `the host name ${via ?? new URL(server).hostname} is not known to DNS${orNoProxy(via, settings)}`,
  },
  {
    ...refused,
    codes: ["UND_ERR_CONNECT_TIMEOUT"],
    explain: ({ settings }) =>
      `no connection in time; is a firewall in between, or a VPN or a proxy (${settings.proxyUrl}) needed?`,
  },
  {
    ...hopeless,
    codes: [
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "UNABLE_TO_GET_ISSUER_CERT",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "CERT_SIGNATURE_FAILURE",
    ],
    explain: ({ settings }, { code }) =>
      `its certificate is signed by a CA that is not trusted here (${code}); give that CA as ${settings.caCert} (${settings.skipTlsVerify} turns the check off and is for tests)`,
  },
  {
    ...hopeless,
    codes: ["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"],
    explain: (_, { code }) =>
      `its certificate is out of its period of validity (${code}); is this machine's clock right?`,
  },
  {
    ...hopeless,
    codes: ["ERR_TLS_CERT_ALTNAME_INVALID"],
    explain: ({ settings }, { message }) =>
      `its certificate is for another host name (${altNames(message)}); use that name, or give it as ${settings.serverName}`,
  },
  {
    ...hopeless,
    codes: otherThanTls,
    explain: (_, { code }) =>
      `something that is not HTTPS answered (${code}); should the address begin with http://?`,
  },
  {
    ...cut,
    codes: ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "UND_ERR_CLOSED", "UND_ERR_DESTROYED"],
    explain: ({ server, settings }, { code }) => {
      const isPlain = server.startsWith("http://") && settings === connectionSettings;
      const hint = isPlain ? "; should the address begin with https://?" : "";
      return `the connection was cut (${code})${hint}`;
    },
  },
  {
    ...cut,
    codes: ["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "ETIMEDOUT"],
    explain: () => "the server stopped answering",
  },
];

/** `attempted` completes "Cannot ...". */
export function toUnreachable(error: unknown, target: Target, attempted: string): UnreachableError {
  const coded = findCoded(error);
  const known = knownFailures.find(({ codes }) => codes.includes(coded.code));
  const named = { settings: connectionSettings, ...target };
  const reason = known?.explain(named, coded) ?? unknownFailure(named, coded);
  const through = target.via === undefined ? "" : ` through the proxy ${target.via}`;
  return new UnreachableError(
    `Cannot ${attempted}: ${target.server} cannot be reached${through}: ${reason}`,
    {
      failure: coded.code,
      reason,
      beforeSending: known?.beforeSending ?? false,
      transient: known?.transient ?? false,
    },
    error,
  );
}

/** Advice for a proxy that cannot be reached itself. */
function orNoProxy(via: string | undefined, { noProxy }: SettingNames): string {
  return via === undefined ? "" : `; name servers that need no proxy in ${noProxy}`;
}

/** The first error with a code along the causes; several addresses were tried when it is an AggregateError. */
function findCoded(error: unknown): CodedError {
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < 5;
    current = current.cause, depth += 1
  ) {
    const code = "code" in current ? current.code : undefined;
    if (typeof code !== "string") continue;
    if (code === "UND_ERR_PRX_TLS" || code === "UND_ERR_PRX_CONN") continue;
    return { code, message: current.message };
  }
  return { code: "UNKNOWN", message: error instanceof Error ? error.message : String(error) };
}

function unknownFailure({ settings }: NamedTarget, { code, message }: CodedError): string {
  const status = proxyRefusal(message);
  if (status !== undefined) {
    const hint = status === "407" ? `; give its user and password in ${settings.proxyUrl}` : "";
    return `the proxy answered ${status}${hint}`;
  }
  if (code.includes("ALERT"))
    return `the server refused the TLS connection (${code}); does it want a clientCert?`;
  return code === "UNKNOWN" ? message : `${message} (${code})`;
}

/** The status by which a proxy says that it does not pass a request on. */
function proxyRefusal(message: string): string | undefined {
  const [, status, wantsLogin] = /^Proxy response \((\d+)\)|\((407)\)$/.exec(message) ?? [];
  return status ?? wantsLogin;
}

/** Node's text: `Hostname/IP does not match certificate's altnames: Host: a. is not in the cert's altnames: DNS:b`. */
function altNames(message: string): string {
  const names = message.split("altnames: ").at(-1) ?? message;
  return names.slice(0, 200);
}
