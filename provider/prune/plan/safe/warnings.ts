import { type StreamKey, streamName } from "../../../okd/streamName.js";
import { byText } from "../../../support/text/spelling.js";
import { describeReferrer } from "../../../usage/referrer.js";
import type { StreamFacts } from "../../../usage/streamFacts.js";
import type { Image } from "../../snapshot.js";
import type { PlanWarning } from "../decision.js";
import { listedIn } from "../imageContent.js";
import { withDescendants } from "../imageGraph.js";
import { firstUsers } from "../rules/set.js";
import type { SafeFacts } from "./facts.js";
import { hasNoImages } from "./itemRules.js";

/** What is broken already; kind by kind, sorted. */
export function safeWarnings(facts: SafeFacts): readonly PlanWarning[] {
  return [...streamsWithoutImages(facts), ...unpullableDigests(facts), ...unmatchedImageIds(facts)];
}

function streamsWithoutImages({ snapshot, graph, selection }: SafeFacts): readonly PlanWarning[] {
  return snapshot.streams
    .filter((stream) => selection.stream(stream) && hasNoImages(stream, graph.images))
    .map(({ namespace, name }) => ({ kind: "stream-without-images" as const, stream: { namespace, name } }))
    .sort(({ stream: a }, { stream: b }) => byText(a.namespace, b.namespace) || byText(a.name, b.name));
}

/** Digests that live objects name although no stream lists them or an index with them (facts/registries.md 1). */
function unpullableDigests({ snapshot, graph, usage }: SafeFacts): readonly PlanWarning[] {
  const served = withDescendants(listedIn(snapshot.streams), graph.images);
  return [...usage.usersOfDigest]
    .filter(([digest]) => graph.images.has(digest) && !served.has(digest))
    .sort(([a], [b]) => byText(a, b))
    .map(([digest, users]) => ({
      kind: "already-unpullable",
      digest,
      users: firstUsers(users.map(describeReferrer)).users,
      ...pushedTo(graph.images.get(digest), snapshot.streams),
    }));
}

function pushedTo(
  image: Image | undefined,
  streams: readonly StreamFacts[],
): { readonly stream?: StreamKey } {
  if (image?.managed !== true) return {};
  const found = streams.find((stream) => streamName(stream) === image.repository);
  return found === undefined ? {} : { stream: { namespace: found.namespace, name: found.name } };
}

function unmatchedImageIds({ graph, usage }: SafeFacts): readonly PlanWarning[] {
  const unmatched = [...usage.imageIds].filter(
    (digest) => !graph.images.has(digest) && !graph.byConfig.has(digest),
  );
  return unmatched.length === 0 ? [] : [{ kind: "unmatched-image-ids", count: unmatched.length }];
}
