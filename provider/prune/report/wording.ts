import { formatByteSize } from "../../support/text/units.js";
import { countOf } from "../../support/text/wording.js";
import type { ClusterConditions, ImagePrunerState } from "../clusterSurvey.js";
import type { PlannedItem } from "../plan/items.js";
import type { PlannedImage, PlanReport, ReportTotals } from "./model.js";

const dayInSeconds = 86_400;

/** "41 images and 96 revisions of 12 streams would go"; the first line of the Markdown and of the page. */
export function headline({ totals }: PlanReport): string {
  const { images, revisions, streams } = totals;
  if (images + revisions === 0) return "Nothing would go";
  const parts = [
    images > 0 ? countOf(images, "image") : "",
    revisions > 0 ? `${countOf(revisions, "revision")} of ${countOf(streams, "stream")}` : "",
  ];
  return `${parts.filter((part) => part !== "").join(" and ")} would go`;
}

/** "7.2 GB", with "up to" where that is a bound. */
export function freedText({ bytes, isUpperBound }: Pick<ReportTotals, "bytes" | "isUpperBound">): string {
  return isUpperBound ? `up to ${formatByteSize(bytes)}` : formatByteSize(bytes);
}

/** Objections and warnings that are shown of each; the JSON report holds all of them. */
export const shownNotices = 30;

/** The line about notices beyond `shownNotices`; empty where there are none. */
export function moreNotices({ length }: readonly unknown[]): string {
  return length > shownNotices
    ? `and ${grouped(length - shownNotices)} more, which the JSON report lists`
    : "";
}

/** "20,000". */
export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** How long before the snapshot: "64 days", "5 hours"; empty where either instant is unknown. */
export function ageText(createdAt: string | undefined, takenAt: string | undefined): string {
  if (createdAt === undefined || takenAt === undefined) return "";
  const seconds = Math.max(0, (Date.parse(takenAt) - Date.parse(createdAt)) / 1000);
  if (seconds >= dayInSeconds) return countOf(Math.floor(seconds / dayInSeconds), "day");
  if (seconds >= 3600) return countOf(Math.floor(seconds / 3600), "hour");
  return countOf(Math.floor(seconds / 60), "minute");
}

/** What happens to the content of a cut item; without its digest, which stands beside it. */
export function afterwardsText({ digest, lastCopy, importableFrom }: PlannedItem): string {
  if (importableFrom === undefined) return lastCopy ? "last copy" : "";
  const suffix = `@${digest}`;
  return importableFrom.endsWith(suffix)
    ? `importable by digest from ${importableFrom.slice(0, -suffix.length)}`
    : `importable from ${importableFrom}`;
}

/** Images that are deleted without an item that names them. */
export function imagesWithoutItem({ images }: PlanReport): readonly PlannedImage[] {
  return images.filter(({ hasItem }) => !hasItem);
}

/** The operator's own pruner, for people. */
export function describeImagePruner(state: ImagePrunerState): string {
  switch (state.kind) {
    case "absent":
      return "there is none";
    case "suspended":
      return "suspended";
    case "unreadable":
      return "may not be read";
    case "active": {
      const { schedule, keepTagRevisions, keepYoungerThan, isRunning } = state;
      const when = schedule === "" ? "daily" : schedule;
      const what = `keepTagRevisions ${keepTagRevisions}, keepYoungerThan ${keepYoungerThan}`;
      return `active (${when}; ${what})${isRunning ? "; running now" : ""}`;
    }
  }
}

/** The state of an upgrade or an operator, for people. */
export function describeCondition(state: ClusterConditions["clusterVersion" | "registryOperator"]): string {
  switch (state) {
    case "steady":
      return "no upgrade in progress";
    case "progressing":
      return "an upgrade is in progress";
    case "healthy":
      return "healthy";
    case "degraded":
      return "degraded";
    case "absent":
      return "there is none";
    case "unreadable":
      return "may not be read";
  }
}
