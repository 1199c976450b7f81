import { isSameJson } from "../../kube/model/object.js";
import type { User } from "../../kube/model/resource.js";
import {
  type FieldError,
  fieldErrorText,
  fieldForbidden,
  internalFieldError,
  invalid,
  StatusError,
} from "../../kube/model/status.js";
import type { Strategy } from "../../kube/storage/strategy.js";
import { normalizedStream, registryNamesOf } from "./defaults.js";
import { admitNewStream, limitError } from "./limits.js";
import type { StreamRules } from "./rules.js";
import { forbiddenSources } from "./sourceReference.js";
import { followChangedTags } from "./tagEvents.js";
import { updatedGenerations } from "./tagGenerations.js";
import { resolveTagSources } from "./tagSources.js";
import { imageGroup, type ImageStream, specTag, withHistories, withSpecTags } from "./types.js";
import { referenceMessage, validateStream } from "./validation.js";
import type { RegistryWhitelist } from "./whitelist.js";

const streamType = { group: imageGroup, resource: "ImageStream" };

/** A stream write that a LimitRange refused; the import that wanted it still notes the failure on the stream. */
export class LimitExceeded extends StatusError {
  static of(stream: ImageStream, error: FieldError): LimitExceeded {
    const { code, reason, message, details } = invalid(streamType, stream.metadata.name, [error]);
    return new LimitExceeded(code, reason, message, details);
  }
}

export function streamStrategy(rules: StreamRules): Strategy {
  const { store, whitelist } = rules;
  const checked = (next: ImageStream, current: ImageStream | undefined, user: User): ImageStream => {
    const { stream, errors } = resolveTagSources(rules, next, current);
    const tagErrors = [...forbiddenSources(rules, user, next, current), ...errors];
    const fieldErrors = [...validateStream(next), ...whitelistErrors(whitelist, next, current)];
    const all = [...internalError(next, tagErrors), ...fieldErrors];
    if (all.length > 0) throw invalid(streamType, next.metadata.name, all);
    // An update moves no alias (facts/image-streams.md 27).
    const followed = current === undefined ? followChangedTags(stream, undefined, rules.aliasChains) : stream;
    return withinLimits(rules, followed);
  };
  return {
    prepareCreate: (object, { user }) => {
      const stream = withHistories(normalizedStream(object, registryNamesOf(store)), []);
      return checked(firstGenerationOf(stream, store.timestamp()), undefined, user);
    },
    prepareUpdate: (next, current, { user }) => {
      const stored = current as ImageStream;
      const stream = withHistories(normalizedStream(next, registryNamesOf(store)), stored.status.tags ?? []);
      return checked(updatedGenerations(stream, stored), stored, user);
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
  rules: StreamRules,
  next: ImageStream,
  current: ImageStream | undefined,
): ImageStream {
  const stream =
    current === undefined
      ? firstGenerationOf(next, rules.store.timestamp())
      : updatedGenerations(next, current);
  const resolved = resolveTagSources(rules, stream, current);
  const errors = [
    ...internalError(next, resolved.errors),
    ...whitelistErrors(rules.whitelist, stream, current),
  ];
  if (errors.length > 0) throw invalid(streamType, next.metadata.name, errors);
  return withinLimits(rules, followChangedTags(resolved.stream, current, rules.aliasChains));
}

/** What is wrong with tags comes as an error within an error, under the resource's name. */
function internalError({ metadata }: ImageStream, errors: readonly FieldError[]): readonly FieldError[] {
  if (errors.length === 0) return [];
  return [internalFieldError(`imagestreams "${metadata.name}" is invalid: ${fieldErrorText(errors)}`)];
}

function withinLimits({ store }: StreamRules, stream: ImageStream): ImageStream {
  const excess = limitError(store, stream);
  if (excess !== undefined) throw LimitExceeded.of(stream, excess);
  return stream;
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
