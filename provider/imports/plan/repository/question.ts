import { isDeepStrictEqual } from "node:util";
import type { DesiredRepository } from "../../args/desiredRepository.js";
import type { DesiredStream } from "../../args/desiredStream.js";
import type { LastRun } from "../tag/standing.js";

/**
 * Whether the repository has to be asked for its tags.
 * - `list`: what it answers becomes the stream's tags.
 * - `follow`: so it does, but while it cannot be asked, what the last run took stands.
 * - `compare`: what the last run took stands, and a line says what would come and go.
 * - `recorded`: what the last run took stands, and no registry is asked.
 */
export type RepositoryQuestion = "list" | "follow" | "compare" | "recorded";

export function repositoryQuestion(
  desired: DesiredStream,
  last: LastRun | undefined,
  triggersChanged: boolean | "unknown",
): RepositoryQuestion {
  const before = last?.desired;
  if (before?.repository === undefined || desired.repository === undefined) return "list";
  if (before.name !== desired.name || before.namespace !== desired.namespace) return "list";
  if (!isDeepStrictEqual(selecting(before.repository), selecting(desired.repository))) return "list";
  if (triggersChanged === true) return "list";
  switch (desired.trackUpstream) {
    case "follow":
      return "follow";
    case "report":
      return "compare";
    case "pinned":
      return "recorded";
  }
}

/** The arguments that decide which tags there are. */
export function selecting(repository: DesiredRepository): object {
  const { image, include, exclude, pattern, extract, semver, sort, limit, as, vanished } = repository;
  return { image, include, exclude, pattern, extract, semver, sort, limit, as, vanished };
}
