import { ImageError } from "../support/imageError.js";
import { textAt } from "../support/json.js";

/** An answer that has been read to its end. */
export interface EngineAnswer {
  readonly status: number;
  readonly text: string;
}

const maxQuotedCharacters = 400;
/** The image is there, but for other platforms. */
const otherPlatform = /was found but|does not (?:provide|match) the specified platform/i;

/** What the engine says, in its own words: Docker's and podman's JSON, or the beginning of a text. */
export function engineMessage({ status, text }: EngineAnswer): string {
  const { message, cause } = errorBody(text);
  const words = message === "" ? (cause === "" ? text.trim() : cause) : message;
  return words === "" ? `HTTP ${status}` : words.slice(0, maxQuotedCharacters);
}

/**
 * Whether the engine has looked and found no such image. A 404 alone does not say so: of an unknown path it says the
 * same, and podman answers 500 where several images are asked for (archive.md 3).
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
 * An answer that is no success, explained.
 * @param attempted completes "Cannot ..."
 * @param engine names it, as in `ImageEngine.description`
 */
export function answerError(answer: EngineAnswer, attempted: string, engine: string): ImageError {
  const said = engineMessage(answer);
  const cannot = `Cannot ${attempted}: ${engine}`;
  if (saysNoSuchImage(answer)) {
    return new ImageError("IMAGE_NOT_FOUND", `${cannot} has no such image (${said}); pull or build it first`);
  }
  if (/client version \S+ is too (?:new|old)/i.test(said)) {
    const advice = /too new/i.test(said)
      ? "ask for an older one in engine.apiVersion or DOCKER_API_VERSION, or leave both out"
      : "if engine.apiVersion or DOCKER_API_VERSION asks for it, leave that out, else this package is too old for the engine";
    return new ImageError(
      "ENGINE_UNSUPPORTED",
      `${cannot} refuses this version of its API (${said}); ${advice}`,
    );
  }
  if (/HTTP request to an HTTPS server/i.test(said)) {
    const advice =
      "give engine.caCert (and clientCert, clientKey), or set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH";
    return new ImageError("ENGINE_UNREACHABLE", `${cannot} wants TLS; ${advice}`);
  }
  if (otherPlatform.test(said) || /content digest \S+ not found/i.test(said)) {
    const advice = "pull it for that platform (`docker pull --platform`), or ask for one that is there";
    return new ImageError(
      "IMAGE_NOT_FOUND",
      `${cannot} does not have it all for that platform (${said}); ${advice}`,
    );
  }
  return new ImageError("ENGINE_ERROR", `${cannot} answered HTTP ${answer.status}: ${said}`);
}

function errorBody(text: string): { readonly message: string; readonly cause: string } {
  try {
    const body: unknown = JSON.parse(text);
    return { message: textAt(body, "message"), cause: textAt(body, "cause") };
  } catch {
    return { message: "", cause: "" };
  }
}
