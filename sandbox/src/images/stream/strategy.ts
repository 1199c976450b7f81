import { isSameJson } from "../../kube/model/object.js";
import { type FieldError, fieldForbidden, invalid, StatusError } from "../../kube/model/status.js";
import type { ObjectStore } from "../../kube/storage/objectStore.js";
import type { Strategy } from "../../kube/storage/strategy.js";
import { normalizedStream, registryNamesOf } from "./defaults.js";
import { admitNewStream, limitError } from "./limits.js";
import { followChangedTags } from "./tagEvents.js";
import { updatedGenerations } from "./tagGenerations.js";
import { resolveTagSources } from "./tagSources.js";
import { imageGroup, type ImageStream, specTag, withHistories, withSpecTags } from "./types.js";
import { referenceMessage, validateStream } from "./validation.js";
import type { RegistryWhitelist } from "./whitelist.js";

/** A stream write that a LimitRange refused; the import that wanted it still notes the failure on the stream. */
export class LimitExceeded extends StatusError {
  static of(stream: ImageStream, error: FieldError): LimitExceeded {
    const { code, reason, message, details } = invalid(
      { group: imageGroup, resource: "ImageStream" },
      stream.metadata.name,
      [error],
    );
    return new LimitExceeded(code, reason, message, details);
  }
}

export function streamStrategy(store: ObjectStore, whitelist: RegistryWhitelist): Strategy {
  const checked = (next: ImageStream, current: ImageStream | undefined): ImageStream => {
    const errors = [...validateStream(next), ...whitelistErrors(whitelist, next, current)];
    if (errors.length > 0)
      throw invalid({ group: imageGroup, resource: "ImageStream" }, next.metadata.name, errors);
    const resolved = followChangedTags(resolveTagSources(store, next, current), current, store.timestamp());
    const excess = limitError(store, resolved);
    if (excess !== undefined) throw LimitExceeded.of(next, excess);
    return resolved;
  };
  return {
    prepareCreate: (object) =>
      checked(
        firstGenerationOf(
          withHistories(normalizedStream(object, registryNamesOf(store)), []),
          store.timestamp(),
        ),
        undefined,
      ),
    prepareUpdate: (next, current) => {
      const stored = current as ImageStream;
      const stream = withHistories(normalizedStream(next, registryNamesOf(store)), stored.status.tags ?? []);
      return checked(updatedGenerations(stream, stored), stored);
    },
    prepareStatusUpdate: (next, current) => {
      const { spec, metadata } = current as ImageStream;
      return normalizedStream({ ...next, spec, metadata }, registryNamesOf(store));
    },
    admitCreate: (object) =>
      admitNewStream(store, object.metadata.namespace ?? "", "imagestreams", object.metadata.name),
    requiresResourceVersion: true,
  };
}

/** The same for a stream that an import writes: it brings its status along. */
export function importedStream(
  store: ObjectStore,
  whitelist: RegistryWhitelist,
  next: ImageStream,
  current: ImageStream | undefined,
): ImageStream {
  const stream =
    current === undefined ? firstGenerationOf(next, store.timestamp()) : updatedGenerations(next, current);
  const errors = whitelistErrors(whitelist, stream, current);
  if (errors.length > 0)
    throw invalid({ group: imageGroup, resource: "ImageStream" }, next.metadata.name, errors);
  const followed = followChangedTags(resolveTagSources(store, stream, current), current, store.timestamp());
  const excess = limitError(store, followed);
  if (excess !== undefined) throw LimitExceeded.of(next, excess);
  return followed;
}

function firstGenerationOf(stream: ImageStream, at: string): ImageStream {
  const tags = (stream.spec.tags ?? []).map((reference) => ({ ...reference, generation: 1 }));
  const created = stream.metadata.creationTimestamp ?? at;
  const metadata = { ...stream.metadata, generation: 1, creationTimestamp: created };
  return withSpecTags({ ...stream, metadata }, tags);
}

/** Sources that are in the stream already stay allowed. */
function whitelistErrors(
  whitelist: RegistryWhitelist,
  next: ImageStream,
  current: ImageStream | undefined,
): readonly FieldError[] {
  return (next.spec.tags ?? []).flatMap(({ name, from }) => {
    if (from?.kind !== "DockerImage" || referenceMessage(from.name) !== undefined) return [];
    if (current !== undefined && isSameJson(specTag(current, name)?.from, from)) return [];
    const complaint = whitelist.complaint(from.name, "any");
    return complaint === undefined ? [] : [fieldForbidden(`spec.tags[${name}].from.name`, complaint)];
  });
}
