import type { Platform } from "../registry/publish.js";
import { fullName, hasTagOrDigest, repositoryOf } from "./names.js";
import { apiIsAtLeast, type EngineProfile } from "./profiles.js";

/** An answer that is no success; thrown where it is found. */
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
  badName(name: string, asked: "inspect" | "export"): EngineRefusal;
  noNames(): EngineRefusal;
  otherPlatform(name: string, wanted: Platform): EngineRefusal;
  /** The same, of an export. */
  noExport(name: string, wanted: Platform): EngineRefusal;
  /** An index has none of several platforms. */
  noneOfPlatforms(): EngineRefusal;
  /** An index lists the platform, and it was not pulled. */
  unpulled(configDigest: string): EngineRefusal;
  unknownPath(): EngineRefusal;
}

export function engineErrors(profile: EngineProfile): EngineErrors {
  return profile.store === "podman" ? podmanErrors : dockerErrors(profile);
}

const badReference = "invalid reference format: repository name must be lowercase";

function dockerErrors({ api, oldestApi, layout, store }: EngineProfile): EngineErrors {
  const refuse = (status: number, message: string) => new EngineRefusal(status, { message });
  const otherPlatform = (name: string, { os, architecture }: Platform) =>
    `image with reference ${name} was found but does not provide the specified platform (${os}/${architecture})`;
  return {
    version(asked) {
      if (!apiIsAtLeast(api, asked)) {
        return refuse(400, `client version ${asked} is too new. Maximum supported API version is ${api}`);
      }
      if (apiIsAtLeast(asked, oldestApi)) return undefined;
      const text = `client version ${asked} is too old. Minimum supported API version is ${oldestApi}, please upgrade your client to a newer version`;
      return layout === "legacy" ? new EngineRefusal(400, text) : refuse(400, text);
    },
    noImage(name, asked) {
      if (asked !== "inspect") {
        return refuse(404, store === "containerd" ? `No such image: ${name}` : "reference does not exist");
      }
      return refuse(404, `${layout === "legacy" ? `no such image: ${name}: ` : ""}No such image: ${name}`);
    },
    badName(name, asked) {
      if (layout === "oci") return refuse(400, badReference);
      return asked === "inspect"
        ? refuse(400, `no such image: ${name}: ${badReference}`)
        : refuse(500, badReference);
    },
    noNames: () => refuse(400, "no image names"),
    otherPlatform: (name, wanted) => refuse(404, otherPlatform(name, wanted)),
    noExport: (name, wanted) =>
      store === "containerd"
        ? refuse(404, `no suitable export target found: ${otherPlatform(name, wanted)}`)
        : refuse(500, `no suitable export target found for platform ${wanted.os}/${wanted.architecture}`),
    noneOfPlatforms: () => refuse(404, "no manifest found for platform: not found"),
    unpulled: (configDigest) => refuse(404, `content digest ${configDigest}: not found`),
    unknownPath: () => refuse(404, "page not found"),
  };
}

const podmanErrors: EngineErrors = {
  version: () => undefined,
  noImage(name, asked) {
    const shown = hasTagOrDigest(name) ? fullName(name) : repositoryOf(fullName(name));
    const notKnown = `${shown}: image not known`;
    const notFound = `failed to find image ${name}: `;
    switch (asked) {
      case "inspect": {
        const message = `${notFound}${shown}: No such image`;
        return podmanRefusal(404, message, message);
      }
      case "export":
        return podmanRefusal(404, "image not known", `${notFound}${notKnown}`);
      case "list":
        return podmanRefusal(500, "image not known", notKnown);
    }
  },
  badName() {
    const cause = "normalizing name for compat API: repository name must be lowercase";
    return podmanRefusal(500, cause, `normalizing image: ${cause}`);
  },
  noNames: () => podmanRefusal(400, "no images to download", "no images to download"),
  otherPlatform: unasked,
  noExport: unasked,
  noneOfPlatforms: unasked,
  unpulled: unasked,
  unknownPath: () => new EngineRefusal(404, "Not Found"),
};

/** podman ignores the platform. */
function unasked(): never {
  throw new Error("podman was asked for a platform");
}

function podmanRefusal(status: number, cause: string, message: string): EngineRefusal {
  return new EngineRefusal(status, { cause, message, response: status });
}
