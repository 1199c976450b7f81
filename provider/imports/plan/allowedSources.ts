import { importSource } from "../../oci/names/importSource.js";
import { matchesByParts } from "../../support/globs/wildcards.js";
import type { ImageTag } from "../args/desiredStream.js";
import type { AllowedRegistry } from "../ports.js";

/**
 * Whether the server would certainly let all these tags be imported, by its own rules (facts/importing.md 21). No list allows
 * every registry; undefined is a list that may not be read, and whatever is not certain is not allowed.
 */
export function areCertainlyAllowed(
  allowed: readonly AllowedRegistry[] | undefined,
  tags: readonly Pick<ImageTag, "image" | "insecure">[],
): boolean {
  if (allowed === undefined) return false;
  if (allowed.length === 0) return true;
  return tags.every(({ image, insecure }) => {
    const ports = insecure ? ["443", "80"] : ["443"];
    const host = writtenHost(image);
    if (host === undefined) return false;
    const asked = host.includes(":") ? [host] : ports.map((port) => `${host}:${port}`);
    return asked.every((each) => allowed.some((entry) => matches(entry, each)));
  });
}

function writtenHost(image: string): string | undefined {
  const source = importSource(image);
  return source.ok && source.reference.registry !== "" ? source.reference.registry : undefined;
}

function matches({ domainName, insecure }: AllowedRegistry, hostAndPort: string): boolean {
  const pattern = domainName.includes(":") ? domainName : `${domainName}:${insecure ? "80" : "443"}`;
  return matchesByParts(pattern, hostAndPort, ":");
}
