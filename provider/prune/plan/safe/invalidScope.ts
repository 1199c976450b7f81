import { memoized } from "../../../support/async/memoized.js";
import type { InvalidReference } from "../../../usage/oc/index.js";
import { describeReferrer } from "../../../usage/referrer.js";

/** Where references that cannot be read may lead: to any stream of their own namespace, and to those in their text. */
export interface InvalidScope {
  /** Descriptions of the objects whose references may mean the stream `namespace/name`. */
  usersOf(stream: string): readonly string[];
  covers(stream: string): boolean;
}

export function createInvalidScope(references: readonly InvalidReference[]): InvalidScope {
  const namespaces = new Set(references.map(({ referrer }) => referrer.namespace));
  const texts = [...new Set(references.map(({ text }) => text))];
  return {
    covers: memoized(
      (stream) =>
        stream !== "" && (namespaces.has(namespaceOf(stream)) || texts.some((text) => text.includes(stream))),
    ),
    usersOf: (stream) =>
      references
        .filter(({ referrer, text }) => referrer.namespace === namespaceOf(stream) || text.includes(stream))
        .map(({ referrer }) => describeReferrer(referrer)),
  };
}

function namespaceOf(stream: string): string {
  return stream.split("/")[0] ?? "";
}
