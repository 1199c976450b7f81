import type { HttpAnswer } from "../http/send.js";
import { type ErrorCode, ImageError } from "../support/imageError.js";
import { textAt } from "../support/json.js";
import { excerpt } from "../support/text/excerpt.js";

/** What counts of an answer. */
export type EngineAnswer = Pick<HttpAnswer, "status" | "text">;

const maxQuotedCharacters = 400;
/** The image is there, but for other platforms. */
const otherPlatform =
  /was found but|does not (?:provide|match) the specified platform|no suitable export target found|no manifest found for platform/i;

/** What the engine says, in its own words: Docker's and podman's JSON, or the beginning of a text. */
export function engineMessage({ status, text }: EngineAnswer): string {
  const { message, cause } = errorBody(text);
  const words = excerpt(message || cause || text, maxQuotedCharacters);
  return words === "" ? `HTTP ${status}` : words;
}

/**
 * Whether the engine has looked and found no such image. A 404 alone proves nothing: an unknown path answers the same,
 * and podman answers 500 where several images are asked for (facts/engines.md 8).
 */
export function saysNoSuchImage(answer: EngineAnswer): boolean {
  const { message, cause } = errorBody(answer.text);
  const words = `${message} ${cause}`;
  if (otherPlatform.test(words) || (answer.status !== 404 && answer.status !== 500)) return false;
  return answer.status === 404
    ? /no such image|reference does not exist|failed to find image|image not known/i.test(words)
    : cause === "image not known";
}

/**
 * Explains an answer that is no success.
 * @param attempted completes "Cannot ..."
 * @param engine names it, as in `ImageEngine.description`
 */
export function answerError(answer: EngineAnswer, attempted: string, engine: string): ImageError {
  const said = engineMessage(answer);
  const cannot = `Cannot ${attempted}: ${engine}`;
  if (saysNoSuchImage(answer)) {
    return new ImageError("IMAGE_NOT_FOUND", `${cannot} has no such image (${said}); pull or build it first`);
  }
  const known = knownRefusals.find(({ pattern }) => pattern.test(said));
  if (known !== undefined) return new ImageError(known.code, `${cannot} ${known.explain(said)}`);
  return new ImageError("ENGINE_ERROR", `${cannot} answered HTTP ${answer.status}: ${said}`);
}

interface KnownRefusal {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  /** Completes a sentence about the engine. */
  readonly explain: (said: string) => string;
}

const knownRefusals: readonly KnownRefusal[] = [
  {
    pattern: /client version \S+ is too new/i,
    code: "ENGINE_UNSUPPORTED",
    explain: (said) =>
      `refuses this version of its API (${said}); ask for an older one in engine.apiVersion or DOCKER_API_VERSION, or leave both out`,
  },
  {
    pattern: /client version \S+ is too old/i,
    code: "ENGINE_UNSUPPORTED",
    explain: (said) =>
      `refuses this version of its API (${said}); if engine.apiVersion or DOCKER_API_VERSION asks for it, leave that out, else this package is too old for the engine`,
  },
  {
    pattern: /HTTP request to an HTTPS server/i,
    code: "ENGINE_UNREACHABLE",
    explain: () =>
      "wants TLS; give engine.caCert (and clientCert, clientKey), or set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH",
  },
  {
    pattern: /multiple platform/i,
    code: "ENGINE_UNSUPPORTED",
    explain: (said) =>
      `exports one platform at a time (${said}); ask for one platform, or export several from a registry`,
  },
  {
    pattern: new RegExp(`${otherPlatform.source}|content digest \\S+ not found`, "i"),
    code: "IMAGE_NOT_FOUND",
    explain: (said) =>
      `does not have it all for that platform (${said}); pull it for that platform (\`docker pull --platform\`), or ask for one that is there`,
  },
];

function errorBody(text: string): { readonly message: string; readonly cause: string } {
  try {
    const body: unknown = JSON.parse(text);
    return { message: textAt(body, "message"), cause: textAt(body, "cause") };
  } catch {
    return { message: "", cause: "" };
  }
}
