import type { IncomingHttpHeaders } from "node:http";
import { ImageError } from "../support/imageError.js";

/** What an engine says about itself in answer to a ping (facts/engines.md 4). */
export interface EngineFacts {
  readonly product: "Docker" | "podman";
  /** `28.2.2`; empty where it does not say. */
  readonly version: string;
  /** The newest version of the API that it speaks. */
  readonly newestApi: string;
}

/** The newest version of the Engine API that this code was written for: Docker 29. */
const ourNewestApi = "1.52";
/** Docker 19.03, podman 2. */
const ourOldestApi = "1.40";

/** Undefined: whatever answered is no container engine. */
export function engineFacts(headers: IncomingHttpHeaders): EngineFacts | undefined {
  const newestApi = text(headers["api-version"]);
  if (!/^\d+\.\d+$/.test(newestApi)) return undefined;
  const version = /^(?:Docker|Libpod)\/(\S+)/.exec(text(headers.server))?.[1] ?? "";
  const libpod = text(headers["libpod-api-version"]);
  return libpod === ""
    ? { product: "Docker", version, newestApi }
    : { product: "podman", version: version || libpod, newestApi };
}

/**
 * The version that both sides speak; one that the user has pinned is taken as it is.
 * @throws ImageError ENGINE_UNSUPPORTED for an engine that is too old
 */
export function negotiateApi(facts: EngineFacts, pinned: string | undefined, engine: string): string {
  if (pinned !== undefined) return pinned;
  if (isAtLeast(facts.newestApi, ourOldestApi)) {
    return isAtLeast(facts.newestApi, ourNewestApi) ? ourNewestApi : facts.newestApi;
  }
  throw new ImageError(
    "ENGINE_UNSUPPORTED",
    `The container engine at ${engine} is too old: it speaks the Engine API up to ${facts.newestApi}, and ${ourOldestApi} is needed (Docker 19.03, podman 2)`,
  );
}

/** Versions of the API count up in each part: 1.9 is older than 1.40. */
export function isAtLeast(version: string, least: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split(".").map(Number);
  return major === leastMajor ? minor >= leastMinor : major > leastMajor;
}

/** `Docker 28.2, API 1.50` */
export function describeFacts({ product, version }: EngineFacts, api: string): string {
  return `${product}${version === "" ? "" : ` ${version}`}, API ${api}`;
}

function text(value: string | readonly string[] | undefined): string {
  return typeof value === "string" ? value : "";
}
