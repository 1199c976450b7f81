import { describeCluster } from "../../okd/clusterIdentity.js";
import { formatByteSize } from "../../support/text/units.js";
import { visibleText } from "../../support/text/visible.js";
import { countOf, nameList } from "../../support/text/wording.js";
import type { PlannedItem } from "../plan/items.js";
import { cutReasonTexts, imageDeletionReasonTexts } from "../plan/texts.js";
import type { PlannedImage, PlanReport, ReasonCount } from "./model.js";
import {
  afterwardsText,
  ageText,
  freedText,
  grouped,
  headline,
  imagesWithoutItem,
  moreNotices,
  shownNotices,
} from "./wording.js";

const maxRows = 500;
const maxStreams = 30;
const maxKinds = 30;
/** Characters for all rows together: a comment on a pull request has at most 65,536. */
const rowBudget = 48_000;

/** The report as GitHub-flavoured Markdown for a pull request; what is cut off is counted. */
export function renderMarkdown(report: PlanReport): string {
  const sections = [
    `## Prune plan ${code(report.resource.name)}: ${headline(report)}`,
    summary(report),
    alerts("CAUTION", "This plan will not be carried out", report.objections.map(objectionText)),
    alerts("WARNING", "Before you approve", report.warnings.map(prose)),
    streamTable(report),
    goingTable(report),
    keptSummary(report),
    unknownList(report),
    coverage(report),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function summary(report: PlanReport): string {
  const { totals, cluster, cutoffs, fingerprint, takenAt } = report;
  const lines = [
    `- Frees **${freedText(totals)}**; ${countOf(totals.vanishingTags, "tag")} would vanish`,
    `- Cluster ${code(describeCluster(cluster))}, read at ${takenAt ?? "an unknown time"}`,
    ...cutoffs.map(
      ({ argument, at }) => `- ${code(argument)} spares what appeared after ${at ?? "an unknown time"}`,
    ),
    `- To approve exactly this: ${code(`approvedFingerprint: "${fingerprint}"`)}`,
  ];
  return lines.join("\n");
}

function objectionText({ name, message }: PlanReport["objections"][number]): string {
  return `**${code(name)}** ${prose(message)}`;
}

function alerts(kind: "CAUTION" | "WARNING", title: string, texts: readonly string[]): string {
  if (texts.length === 0) return "";
  const shown = [...texts.slice(0, shownNotices), moreNotices(texts)].filter((text) => text !== "");
  return [`> [!${kind}]`, `> ${title}:`, ">", ...shown.map((text) => `> - ${text}`)].join("\n");
}

function streamTable({ byStream }: PlanReport): string {
  if (byStream.length === 0) return "";
  const rows = byStream
    .slice(0, maxStreams)
    .map(({ name, revisions, images, bytes }) =>
      row(code(name), grouped(revisions), grouped(images), formatByteSize(bytes)),
    );
  const rest = byStream.length - rows.length;
  const table = ["| stream | revisions | images | frees |", "|---|--:|--:|--:|", ...rows].join("\n");
  return `### By stream\n\n${table}${rest > 0 ? `\n\nand ${countOf(rest, "smaller stream")}.` : ""}`;
}

interface SizedRow {
  readonly bytes: number;
  readonly text: string;
}

function goingTable(report: PlanReport): string {
  const all: readonly SizedRow[] = [
    ...report.items.map((item) => itemRow(item, report)),
    ...imagesWithoutItem(report).map((image) => imageRow(image, report)),
  ].sort((a, b) => b.bytes - a.bytes);
  if (all.length === 0) return "";
  const rows: string[] = [];
  let length = 0;
  for (const { text } of all.slice(0, maxRows)) {
    length += text.length;
    if (length > rowBudget) break;
    rows.push(text);
  }
  const rest = all.length - rows.length;
  return [
    "### What would go",
    "",
    "| revision | digest | age | frees | why | afterwards |",
    "|---|---|--:|--:|---|---|",
    ...rows,
    ...(rest > 0
      ? ["", `and ${grouped(rest)} more, which free less. The JSON and HTML reports list them all.`]
      : []),
  ].join("\n");
}

function itemRow(item: PlannedItem, { takenAt }: PlanReport): SizedRow {
  const notes = [
    item.vanishes ? "**tag vanishes**" : "",
    item.isCurrent && !item.vanishes ? "**current**" : "",
  ];
  const name = code(`${item.namespace}/${item.stream}:${item.tag}#${item.revision}`);
  const text = row(
    [name, ...notes].filter((part) => part !== "").join(" "),
    digestText(item.digest),
    ageText(item.createdAt, takenAt),
    formatByteSize(item.bytes),
    cutReasonTexts[item.reason],
    prose(afterwardsText(item)),
  );
  return { bytes: item.bytes, text };
}

function imageRow(image: PlannedImage, { takenAt }: PlanReport): SizedRow {
  const text = row(
    `Image${image.repository === "" ? "" : ` of ${code(image.repository)}`}`,
    digestText(image.digest),
    ageText(image.createdAt, takenAt),
    formatByteSize(image.bytes),
    imageDeletionReasonTexts[image.reason],
    "",
  );
  return { bytes: image.bytes, text };
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function digestText(digest: string): string {
  return code(digest.replace(/^sha256:([0-9a-f]{12})[0-9a-f]+$/, "$1"));
}

function keptSummary({ kept }: PlanReport): string {
  const lines = [
    ...reasonLines("revisions", kept.revisionReasons),
    ...reasonLines("Images", kept.imageReasons),
  ];
  return lines.length === 0 ? "" : ["### What stays", "", ...lines].join("\n");
}

function reasonLines(noun: string, reasons: readonly ReasonCount[]): readonly string[] {
  return reasons.map(({ text, count }) => `- ${grouped(count)} ${noun}: ${text}`);
}

function unknownList({ unknownImages }: PlanReport): string {
  if (unknownImages.length === 0) return "";
  const lines = unknownImages.slice(0, maxStreams).map(({ digest, streams, repository, text }) => {
    const where = streams.length === 0 ? repository : nameList(streams, 3);
    return `- ${code(digest)}${where === "" ? "" : ` ${prose(where)}`}: ${text}`;
  });
  const rest = unknownImages.length - lines.length;
  return [
    "### Images that do not say what they need",
    "",
    ...lines,
    ...(rest > 0 ? [`- and ${grouped(rest)} more, which the JSON report lists`] : []),
  ].join("\n");
}

function coverage({ coverage: known }: PlanReport): string {
  const read = Object.entries(known.read)
    .toSorted(([, most], [, least]) => least - most)
    .map(([resource, count]) => `${code(resource)} ${grouped(count)}`);
  const absent = Object.entries(known.absent).map(
    ([resource, why]) => `- Not read: ${code(resource)}, ${prose(why)}`,
  );
  return [
    "### What was looked at",
    "",
    `- Read: ${nameList(read, maxKinds)}`,
    ...shortened(absent),
    `- Registry: ${prose(known.registry)}`,
    `- ImagePruner: ${prose(known.imagePruner)}; cluster version: ${known.clusterVersion}; registry operator: ${known.registryOperator}`,
    ...known.ignoredReferences.slice(0, maxStreams).map((text) => `- Passed over: ${prose(text)}`),
  ].join("\n");
}

function shortened(lines: readonly string[]): readonly string[] {
  const rest = lines.length - maxKinds;
  return rest <= 0 ? lines : [...lines.slice(0, maxKinds), `- and ${countOf(rest, "other kind")} not read`];
}

/**
 * Any text as a code span that also holds within a table: GitHub finds no markup, no mention and no link in it.
 */
function code(text: string): string {
  const visible = visibleText(text);
  if (visible.trim() === "") return "";
  const longest = Math.max(0, ...[...visible.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  const padding = /^[` ]|[` ]$/.test(visible) ? " " : "";
  // Within tables GitHub reads `\|` as a bar even in code.
  return `${fence}${padding}${visible.replaceAll("|", "\\|")}${padding}${fence}`;
}

/** Plain words and numbers, also with dots, colons, slashes or hyphens between them; punctuation may follow. */
const plainWord = /^["'(]?[\p{L}\p{N}]+(?:[.,:/'’-][\p{L}\p{N}]+)*[.,;:?)"']*$/u;

/** For our sentences with names that others chose: what is not a plain word becomes code, so that it can mean nothing else. */
function prose(text: string): string {
  const words = text.split(/\s+/).filter((word) => word !== "");
  return words.map((word, index) => proseWord(word, index === 0)).join(" ");
}

function proseWord(word: string, isFirst: boolean): string {
  if (isFirst && /^\d+[.)]/.test(word)) return code(word); // would begin a numbered list
  if (/^www\./i.test(word)) return code(word); // would become a link
  return plainWord.test(word) ? word : code(word);
}
