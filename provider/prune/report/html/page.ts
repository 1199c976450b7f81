import { createHash } from "node:crypto";
import { plainJson, visibleText } from "../../../support/text/visible.js";
import { reportMark } from "../mark.js";
import type { PlanReport } from "../model.js";
import { headline } from "../wording.js";
import { coverageSection } from "./coverage.js";
import { type Markup, markup, nothing } from "./markup.js";
import { pageScript } from "./script.js";
import { approval, headerSection, keptReasons, notices, shares } from "./sections.js";
import { pageStyle } from "./style.js";
import { tableSection } from "./tableSection.js";
import { type Cell, goingTable, keptTable, type PageTable, reasonColumn } from "./tables.js";

/**
 * The report as one page that needs nothing else: it fetches nothing, and its policy lets it run only
 * its own script. What others named stands in it as text alone.
 */
export function renderHtml(report: PlanReport): string {
  const going = goingTable(report);
  const kept = keptTable(report);
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="${reportMark}">
<title>${report.resource.name}: ${headline(report)}</title>
<style>${trusted(pageStyle)}</style>
</head>
<body>
<a class="skip" href="#going">Skip to what would go</a>
${headerSection(report)}
<main>
${notices(report)}
${approval(report)}
${shares(report)}
${tableSection(going, {
  title: "What would go",
  caption: "Items of tag histories and Images that would be deleted, biggest first",
  before: nothing,
  none: "Nothing: under this policy everything stays.",
})}
${tableSection(kept, {
  title: "What stays, and why",
  caption: "Items and Images that stay, those with the most users first",
  before: keptReasons(report),
  none: "No single item is listed.",
})}
${coverageSection(report)}
</main>
<footer>Written by pulumi-okd-images for ${report.resource.urn}.</footer>
<script type="application/json" id="tables">${trusted(plainJson([going, kept].map(embedded)))}</script>
<script>${trusted(pageScript)}</script>
</body>
</html>
`;
  return page.html;
}

const contentSecurityPolicy = [
  "default-src 'none'",
  `script-src '${hashOf(pageScript)}'`,
  `style-src '${hashOf(pageStyle)}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

function hashOf(source: string): string {
  return `sha256-${createHash("sha256").update(source).digest("base64")}`;
}

function trusted(text: string): Markup {
  return { html: text };
}

function embedded(table: PageTable): object {
  return { ...table, reasonColumn, rows: table.rows.map((row) => row.map(visibleCell)) };
}

function visibleCell(cell: Cell): Cell {
  if (typeof cell === "string") return visibleText(cell);
  const [text, sortBy, remark] = cell;
  const shown = visibleText(text);
  return remark === undefined ? [shown, sortBy] : [shown, sortBy, visibleText(remark)];
}
