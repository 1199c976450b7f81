import { createHash } from "node:crypto";
import { plainJson, visibleText } from "../../../support/text/visible.js";
import { reportMark } from "../mark.js";
import type { PlanReport } from "../model.js";
import { headline } from "../wording.js";
import { type BrowserCode, loadBrowserCode } from "./browserCode.js";
import { coverageSection } from "./coverage.js";
import { type Markup, markup, nothing } from "./markup.js";
import { approval, headerSection, keptReasons, notices, shares } from "./sections.js";
import type { Cell, EmbeddedTable, PageTable } from "./tableData.js";
import { tableSection } from "./tableSection.js";
import { goingTable, keptTable, reasonColumn } from "./tables.js";

/**
 * The report as one page that needs nothing else: it fetches nothing, and its policy lets it run only its own script. What
 * others named stands in it as text alone.
 */
export function renderHtml(report: PlanReport): string {
  const code = loadBrowserCode();
  const tables = [goingTable(report), keptTable(report)] as const;
  const page = markup`<!doctype html>
<html lang="en">
${head(report, code)}
<body>
<a class="skip" href="#going">Skip to what would go</a>
${headerSection(report)}
${main(report, tables)}
<footer>Written by pulumi-okd-images for ${report.resource.urn}.</footer>
<script type="application/json" id="tables">${trusted(plainJson(tables.map(embedded)))}</script>
<script>${trusted(code.script)}</script>
</body>
</html>
`;
  return page.html;
}

function head(report: PlanReport, code: BrowserCode): Markup {
  return markup`<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy(code)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="${reportMark}">
<title>${report.resource.name}: ${headline(report)}</title>
<style>${trusted(code.style)}</style>
</head>`;
}

function main(report: PlanReport, [going, kept]: readonly [PageTable, PageTable]): Markup {
  return markup`<main>
${notices(report)}
${approval(report)}
${shares(report)}
${tableSection(going, {
  title: "What would go",
  caption: "Revisions of tags and Images that would be deleted, biggest first",
  before: nothing,
  none: "Nothing: under this policy everything stays.",
})}
${tableSection(kept, {
  title: "What stays, and why",
  caption: "Revisions and Images that stay, those with the most users first",
  before: keptReasons(report),
  none: "No single item is listed.",
})}
${coverageSection(report)}
</main>`;
}

function contentSecurityPolicy({ script, style }: BrowserCode): string {
  return [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

function hashOf(source: string): string {
  return `sha256-${createHash("sha256").update(source).digest("base64")}`;
}

function trusted(text: string): Markup {
  return { html: text };
}

function embedded(table: PageTable): EmbeddedTable {
  return { ...table, reasonColumn, rows: table.rows.map((row) => row.map(visibleCell)) };
}

function visibleCell(cell: Cell): Cell {
  if (typeof cell === "string") return visibleText(cell);
  const [text, sortBy, remark] = cell;
  const shown = visibleText(text);
  return remark === undefined ? [shown, sortBy] : [shown, sortBy, visibleText(remark)];
}
