import { streamName } from "../../../okd/streamName.js";
import { memoized } from "../../../support/async/memoized.js";
import { own } from "../../../support/collections.js";
import { globMatcher } from "../../../support/globs/match.js";
import type { StreamFacts } from "../../../usage/streamFacts.js";
import type { KeepList, SafePolicy } from "../../args/policy.js";

/** What a policy reaches. */
export interface Selection {
  /** False when everything is reached. */
  readonly isRestricted: boolean;
  stream(stream: StreamFacts): boolean;
  tag(tag: string): boolean;
  /**
   * `namespace/name` of an Image that no stream lists: a selected stream, or a deleted one whose name would be selected. Its
   * tags are unknown, so a policy for some tags never reaches it.
   */
  repository(repository: string): boolean;
}

export function createSelection(
  { namespace, select }: Pick<SafePolicy, "namespace" | "select">,
  streams: readonly StreamFacts[],
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
  const ofStream = (stream: StreamFacts) => byName(streamName(stream)) && hasLabels(stream, labels);
  const namesAlone = tags.length === 0 && Object.keys(labels).length === 0;
  const streamByKey = new Map(streams.map((stream) => [streamName(stream), stream]));
  return {
    isRestricted: !(namespace === undefined && namespaces.length + names.length === 0 && namesAlone),
    stream: ofStream,
    tag: (tag) => tags.length === 0 || isNamed.tags(tag),
    repository: (repository) => {
      if (tags.length > 0) return false;
      const stream = streamByKey.get(repository);
      return stream === undefined ? namesAlone && byName(repository) : ofStream(stream);
    },
  };
}

/** What a policy keeps in any case, its digests left out. */
export interface KeptByName {
  stream(stream: StreamFacts): boolean;
  /** `namespace/name` of an Image: such a stream, or a deleted one of that name. */
  repository(repository: string): boolean;
  tag(tag: string): boolean;
}

export function createKeptByName(
  { namespaces, streams: names, tags, labels }: KeepList,
  streams: readonly StreamFacts[],
): KeptByName {
  const inNamespaces = globMatcher(namespaces);
  const inStreams = globMatcher(names);
  const labelled = Object.keys(labels).length === 0 ? [] : streams.filter((each) => hasLabels(each, labels));
  const labelledKeys = new Set(labelled.map(streamName));
  const repository = memoized((text) => {
    const [namespace = ""] = text.split("/");
    return text !== "" && (inNamespaces(namespace) || inStreams(text) || labelledKeys.has(text));
  });
  return {
    stream: (stream) => repository(streamName(stream)),
    repository,
    tag: globMatcher(tags),
  };
}

function hasLabels(stream: StreamFacts, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([key, value]) => own(stream.labels, key) === value);
}
