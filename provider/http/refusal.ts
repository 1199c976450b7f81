import type { Refusal, TriedSource } from "./credentialChain.js";
import type { CredentialSource } from "./credentials.js";

/** Advice about a 401 that remains: which places were tried, which were not, and why. */
export function describeRefusal({ server, tried, barred }: Refusal): string {
  const places = tried.map(describeTried).join(", then ");
  const untried = barred?.sources.map(({ origin }) => origin) ?? [];
  const why =
    barred === undefined || untried.length === 0 ? "" : ` Not tried: ${untried.join(", ")}; ${barred.by}.`;
  return (
    `${server} refused the credentials (401). Tried: ${places}.${why} ${adviceFor(tried)} In refresh and destroy the ` +
    "engine supplies the values of the last `up`; with --run-program it takes those of today."
  );
}

/** The warning when another identity takes over. */
export function describeIdentityChange(
  server: string,
  refused: CredentialSource,
  next: CredentialSource,
): string {
  return (
    `${server} refused ${refused.origin} (401). From here on everything is done with ${next.origin}, which may be ` +
    "somebody else. Renew the former; credentials in `connection` or in the stack's config are never exchanged."
  );
}

function describeTried({ source, problem }: TriedSource): string {
  return problem === undefined ? source.origin : `${source.origin} (could not be read again: ${problem})`;
}

function adviceFor(tried: readonly TriedSource[]): string {
  const kinds = tried.map(({ source }) => source.kind);
  if (kinds.every((kind) => kind === "anonymous")) {
    return "No credentials were given: set token, clientCert and clientKey, or a kubeconfig.";
  }
  if (kinds.includes("basic")) {
    return "OpenShift wants a token instead of user and password: `oc login`, then `oc whoami -t`.";
  }
  return "Log in again (`oc login`) or renew the token.";
}
