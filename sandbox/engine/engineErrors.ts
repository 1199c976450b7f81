import type { Platform } from "../registry/publishImage.js";
import { fullName } from "./engineNames.js";
import { apiIsAtLeast, type EngineProfile } from "./engineProfiles.js";

/** An answer that is no success; thrown from wherever it becomes clear. */
export class EngineRefusal extends Error {
  readonly status: number;
  /** A text is sent as text/plain. */
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    super(String(status));
    this.status = status;
    this.body = body;
  }
}

/** The refusals of one engine, in its own words. */
export interface EngineErrors {
  /** Undefined: this version of the API is fine. */
  version(asked: string): EngineRefusal | undefined;
  /** `list`: among several that are exported together. */
  noImage(name: string, asked: "inspect" | "export" | "list"): EngineRefusal;
  badName(): EngineRefusal;
  noNames(): EngineRefusal;
  otherPlatform(name: string, wanted: Platform): EngineRefusal;
  unknownPath(): EngineRefusal;
}

export function engineErrors(profile: EngineProfile): EngineErrors {
  return profile.store === "podman" ? podmanErrors : dockerErrors(profile);
}

function dockerErrors({ api, oldestApi, layout }: EngineProfile): EngineErrors {
  const refuse = (status: number, message: string) => new EngineRefusal(status, { message });
  return {
    version(asked) {
      if (!apiIsAtLeast(api, asked)) {
        return refuse(400, `client version ${asked} is too new. Maximum supported API version is ${api}`);
      }
      if (apiIsAtLeast(asked, oldestApi)) return undefined;
      const text = `client version ${asked} is too old. Minimum supported API version is ${oldestApi}, please upgrade your client to a newer version`;
      return layout === "legacy" ? new EngineRefusal(400, text) : refuse(400, text);
    },
    noImage: (name, asked) =>
      refuse(404, asked === "export" ? "reference does not exist" : `No such image: ${name}`),
    badName: () =>
      refuse(layout === "legacy" ? 500 : 400, "invalid reference format: repository name must be lowercase"),
    noNames: () => refuse(400, "no image names"),
    otherPlatform: (name, { os, architecture }) =>
      refuse(
        404,
        `image with reference ${name} was found but does not provide the specified platform (${os}/${architecture})`,
      ),
    unknownPath: () => refuse(404, "page not found"),
  };
}

const podmanErrors: EngineErrors = {
  version: () => undefined,
  noImage(name, asked) {
    const cause = asked === "inspect" ? `${fullName(name)}: No such image` : "image not known";
    const message =
      asked === "list"
        ? `${fullName(name)}: ${cause}`
        : `failed to find image ${name}: ${fullName(name)}: ${cause}`;
    return podmanRefusal(asked === "list" ? 500 : 404, cause, message);
  },
  badName() {
    const cause = "normalizing name for compat API: invalid reference format";
    return podmanRefusal(500, cause, `normalizing image: ${cause}`);
  },
  noNames: () => podmanRefusal(400, "no images to download", "no images to download"),
  otherPlatform: (name) => podmanRefusal(500, "unreachable", name),
  unknownPath: () => new EngineRefusal(404, "Not Found"),
};

function podmanRefusal(status: number, cause: string, message: string): EngineRefusal {
  return new EngineRefusal(status, { cause, message, response: status });
}
