import { isDeepStrictEqual } from "node:util";
import { listAt, objectAt } from "../../../support/json.js";
import type { SelectedTag } from "../../args/desiredRepository.js";
import type { PlacedStream } from "../../args/desiredStream.js";
import { selecting } from "../../plan/repository/question.js";

/** Version of the format; another version of this package may run the preview. */
const shape = 1;

/** What the preview of a run leaves for its update, so that the update imports no tag that the preview has not shown. */
export function toHandOver(desired: PlacedStream): object {
  return { shape, question: questionOf(desired), tags: desired.selected };
}

/** The tags that the preview has shown for the same question; undefined where there are none. */
export function fromHandOver(value: unknown, desired: PlacedStream): readonly SelectedTag[] | undefined {
  const left = objectAt(value);
  if (left.shape !== shape || !isDeepStrictEqual(left.question, questionOf(desired))) return undefined;
  const tags = listAt(left, "tags").map((tag) => objectAt(tag));
  return tags.flatMap(({ name, source, isGone }) => {
    if (typeof name !== "string" || typeof source !== "string") return [];
    return [{ name, source, ...(isGone === true ? { isGone } : {}) }];
  });
}

/** As JSON gives it back. */
function questionOf({ namespace, name, repository }: PlacedStream): unknown {
  const question = { namespace, name, repository: repository === undefined ? {} : selecting(repository) };
  return JSON.parse(JSON.stringify(question)) as unknown;
}
