import { own } from "../../support/own.js";
import { globMatcher } from "../../support/globs/globs.js";
import type { KeepList, SafePolicy } from "./policy.js";
import type { ImageStream } from "./snapshot.js";

/** What a policy reaches. */
export interface Selection {
  /** False when everything is reached. */
  readonly isRestricted: boolean;
  stream(stream: ImageStream): boolean;
  tag(tag: string): boolean;
  /** `namespace/name` of an Image: a selected stream, or one that is gone, as far as its name tells. */
  repository(repository: string): boolean;
}

export function createSelection(
  { namespace, select }: Pick<SafePolicy, "namespace" | "select">,
  streams: readonly ImageStream[],
): Selection {
  const { namespaces, streams: names, tags, labels } = select;
  const isNamed = {
    namespaces: globMatcher(namespaces),
    names: globMatcher(names),
    tags: globMatcher(tags),
  };
  const byName = (text: string) => {
    const [ofRepository = ""] = text.split("/");
    return (
      (namespace === undefined || namespace === ofRepository) &&
      (namespaces.length === 0 || isNamed.namespaces(ofRepository)) &&
      (names.length === 0 || isNamed.names(text))
    );
  };
  const ofStream = (stream: ImageStream) => byName(keyOf(stream)) && hasLabels(stream, labels);
  const namesAlone = tags.length === 0 && Object.keys(labels).length === 0;
  const streamByKey = new Map(streams.map((stream) => [keyOf(stream), stream]));
  return {
    isRestricted: !(namespace === undefined && namespaces.length + names.length === 0 && namesAlone),
    stream: ofStream,
    tag: (tag) => tags.length === 0 || isNamed.tags(tag),
    repository: (repository) => {
      const stream = streamByKey.get(repository);
      return stream === undefined ? namesAlone && byName(repository) : ofStream(stream);
    },
  };
}

/** What a policy keeps in any case, its digests left out. */
export interface KeptByName {
  stream(stream: ImageStream): boolean;
  tag(tag: string): boolean;
}

export function createKeptByName({ namespaces, streams, tags, labels }: KeepList): KeptByName {
  const inNamespaces = globMatcher(namespaces);
  const inStreams = globMatcher(streams);
  const namesLabels = Object.keys(labels).length > 0;
  return {
    stream: (stream) =>
      inNamespaces(stream.namespace) ||
      inStreams(keyOf(stream)) ||
      (namesLabels && hasLabels(stream, labels)),
    tag: globMatcher(tags),
  };
}

function hasLabels(stream: ImageStream, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([key, value]) => own(stream.labels, key) === value);
}

function keyOf({ namespace, name }: Pick<ImageStream, "namespace" | "name">): string {
  return `${namespace}/${name}`;
}
