import { formatByteSize } from "../../../support/text/units.js";
import type { PlannedItem } from "../../plan/items.js";
import {
  cutReasonTexts,
  imageDeletionReasonTexts,
  imageKeepReasonTexts,
  revisionKeepReasonTexts,
} from "../../plan/texts.js";
import type { KeptImageRow, KeptRevisionRow, PlannedImage, PlanReport } from "../model.js";
import { afterwardsText, ageText, grouped, imagesWithoutItem } from "../wording.js";
import type { Cell, PageTable } from "./tableData.js";

/** Position of the reason in both tables, which the page filters by. */
export const reasonColumn = 6;

const common = [
  { key: "stream", title: "Stream" },
  { key: "tag", title: "Tag" },
  { key: "revision", title: "Revision" },
  { key: "digest", title: "Digest" },
  { key: "created", title: "Created" },
];

/** Everything that is deleted, biggest first: items, and the Images that no item names. */
export function goingTable(report: PlanReport): PageTable {
  const rows = [
    ...report.items.map((item) => ({ bytes: item.bytes, cells: itemCells(item, report) })),
    ...imagesWithoutItem(report).map((image) => ({ bytes: image.bytes, cells: imageCells(image, report) })),
  ].sort((a, b) => b.bytes - a.bytes);
  return {
    id: "going",
    columns: [
      ...common,
      { key: "size", title: "Frees" },
      { key: "reason", title: "Why it goes" },
      { key: "note", title: "Afterwards" },
    ],
    rows: rows.map(({ cells }) => cells),
    sortedBy: 5,
  };
}

/** What is kept; what something uses comes first. */
export function keptTable(report: PlanReport): PageTable {
  const rows = [
    ...report.kept.revisions.map((item) => ({ users: item.userCount, cells: keptItemCells(item, report) })),
    ...report.kept.images.map((image) => ({ users: image.userCount, cells: keptImageCells(image, report) })),
  ].sort((a, b) => b.users - a.users);
  return {
    id: "kept",
    columns: [
      ...common,
      { key: "users", title: "Users" },
      { key: "reason", title: "Why it stays" },
      { key: "note", title: "Used by" },
    ],
    rows: rows.map(({ cells }) => cells),
    sortedBy: 5,
  };
}

function itemCells(item: PlannedItem, report: PlanReport): readonly Cell[] {
  return [
    `${item.namespace}/${item.stream}`,
    item.vanishes ? [item.tag, item.tag, "tag vanishes"] : item.tag,
    revisionCell(item.revision),
    item.digest,
    createdCell(item.createdAt, report),
    [formatByteSize(item.bytes), item.bytes],
    cutReasonTexts[item.reason],
    afterwardsText(item),
  ];
}

function imageCells(image: PlannedImage, report: PlanReport): readonly Cell[] {
  return [
    [image.repository, image.repository, "Image without a revision"],
    "",
    ["", -1],
    image.digest,
    createdCell(image.createdAt, report),
    [formatByteSize(image.bytes), image.bytes],
    imageDeletionReasonTexts[image.reason],
    image.managed ? "" : "imported",
  ];
}

function keptItemCells(item: KeptRevisionRow, report: PlanReport): readonly Cell[] {
  return [
    `${item.namespace}/${item.stream}`,
    item.tag,
    revisionCell(item.revision),
    item.digest,
    createdCell(item.createdAt, report),
    [item.userCount === 0 ? "" : String(item.userCount), item.userCount],
    revisionKeepReasonTexts[item.reason],
    usersCell(item),
  ];
}

function keptImageCells(image: KeptImageRow, report: PlanReport): readonly Cell[] {
  return [
    [image.repository, image.repository, "Image in no stream"],
    "",
    ["", -1],
    image.digest,
    createdCell(image.createdAt, report),
    [image.userCount === 0 ? "" : String(image.userCount), image.userCount],
    imageKeepReasonTexts[image.reason],
    usersCell(image),
  ];
}

function revisionCell(revision: number): Cell {
  return revision === 0 ? ["0", 0, "current"] : [String(revision), revision];
}

function createdCell(createdAt: string | undefined, { takenAt }: PlanReport): Cell {
  if (createdAt === undefined) return ["unknown", 0];
  return [createdAt.slice(0, 10), Date.parse(createdAt), ageText(createdAt, takenAt)];
}

function usersCell({ users, userCount }: Pick<KeptRevisionRow, "users" | "userCount">): Cell {
  const shown = users.join(", ");
  const more = userCount - users.length;
  return more > 0 ? [shown, shown, `and ${grouped(more)} more`] : shown;
}
