import { ImageError } from "../../support/imageError.js";
import type { HttpAnswer } from "../../http/send.js";
import { describeAnswer, faultOf, isFromRegistry } from "./answer.js";
import type { PullRefusal, RepositorySession } from "./session.js";

/** What a registry's refusal means. `attempted` completes "Cannot ...". */
export function pullRefusal(
  session: RepositorySession,
  { answer, redirectedTo }: Pick<PullRefusal, "answer" | "redirectedTo">,
  attempted: string,
): ImageError {
  const { host } = session.source;
  const by = redirectedTo === undefined ? host : `${redirectedTo}, where ${host} redirects to,`;
  const refused = `Cannot ${attempted}: ${by} answered ${describeAnswer(answer).replace(/\.$/, "")}`;
  const elsewhere =
    redirectedTo === undefined
      ? undefined
      : `No login counts there. Try again; if it stays so, tell the operator of ${host}`;
  switch (answer.status) {
    case 401:
    case 403:
      return new ImageError(
        "REGISTRY_UNAUTHORIZED",
        `${refused}. ${elsewhere ?? describeCredentials(session)}`,
      );
    case 404:
      return isFromRegistry(answer)
        ? new ImageError("REGISTRY_NOT_FOUND", `${refused}. ${whatIsMissing(session, answer)}`)
        : new ImageError("REGISTRY_ERROR", `${refused}. ${elsewhere ?? "Is that host a registry?"}`);
    case 429:
      return new ImageError("REGISTRY_RATE_LIMITED", `${refused}. ${describeLimit(session)}`);
    default:
      return new ImageError(
        "REGISTRY_ERROR",
        `${refused}. ${elsewhere ?? "The registry's log may say more"}`,
      );
  }
}

function whatIsMissing({ source, authorisation }: RepositorySession, answer: HttpAnswer): string {
  const name = `${source.host}/${source.repository}`;
  switch (faultOf(answer)?.code) {
    case "MANIFEST_UNKNOWN":
      return `The registry knows no such tag or digest in ${name}; is the name right, and was it deleted?`;
    case "BLOB_UNKNOWN":
      return `The manifest names a blob that ${name} does not have (any more); push the image again`;
    case undefined:
    default: {
      const isSomebody = authorisation.search()?.credential !== undefined;
      const privately = isSomebody
        ? ""
        : ", or it is private: registries hide those from who is not logged in";
      return `Either the repository ${name} or the tag does not exist; the registry does not tell which${privately}`;
    }
  }
}

function describeCredentials({ source, authorisation }: RepositorySession): string {
  const { host, repository } = source;
  const search = authorisation.search();
  const said = authorisation.refusal();
  const server = said === undefined ? "" : ` The token server answered ${describeAnswer(said)}.`;
  const advice = `Log in (podman login ${host}), or set registries[${JSON.stringify(host)}]`;
  if (search?.origin !== undefined) {
    return `The credentials from ${search.origin} were not accepted, or have no right to pull ${repository}.${server} ${advice}`;
  }
  const places = search === undefined ? "" : ` in ${search.lookedIn.join(", ")}`;
  return `No credentials for it were found${places}, and without them it may not be pulled, or does not exist.${server} ${advice}`;
}

function describeLimit({ source, authorisation }: RepositorySession): string {
  if (source.host !== "docker.io") return "It limits how often it is asked; wait, or ask less at a time";
  const isSomebody = authorisation.search()?.credential !== undefined;
  const login = isSomebody
    ? "The account's limit is used up"
    : 'Docker Hub counts pulls without a login by address: log in (docker login), or set registries["docker.io"]';
  return `${login}. Wait for some hours, or pull through a mirror (registries["docker.io"].mirrors)`;
}

/**
 * Why an answer may be something else than the registry's content, a sentence; undefined where nothing suggests it. A hint
 * only: some storage calls its blobs compressed and sends them as they are.
 */
export function describeForm(headers: HttpAnswer["headers"]): string | undefined {
  const encoding = String(headers["content-encoding"] ?? "identity").trim();
  if (encoding.toLowerCase() !== "identity") {
    return `It came compressed on the way (Content-Encoding: ${encoding.slice(0, 30)}), which was not asked for: what does that, a proxy?`;
  }
  if (/\bhtml\b/i.test(String(headers["content-type"]))) {
    return "It came as an HTML page: from a proxy or a login page, and not from the registry?";
  }
  return undefined;
}
