/** The page's only style sheet. Colours meet WCAG AA on their grounds, light and dark; no font is fetched. */
export const pageStyle = String.raw`
:root {
  color-scheme: light dark;
  --paper: #fcfcfa; --panel: #f4f5f2; --ink: #1b1f24; --quiet: #596270; --line: #dfe2dd;
  --accent: #0b6557; --bar: #3a9a88; --track: #e6e9e4;
  --warn: #fff5dc; --warn-ink: #634100; --warn-line: #e2b95a;
  --stop: #fdeceb; --stop-ink: #8a1a16; --stop-line: #d9766f;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --panel: #1c2024; --ink: #e7e9ea; --quiet: #9fa9b4; --line: #30363c;
    --accent: #63cdb9; --bar: #3f9f8d; --track: #262b30;
    --warn: #2e2610; --warn-ink: #f2d48c; --warn-line: #7d6424;
    --stop: #371a19; --stop-ink: #ffb8b1; --stop-line: #8f403b;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body {
  margin: 0; padding: 0 clamp(1rem, 4vw, 3rem) 4rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Helvetica Neue", Arial, sans-serif;
  overflow-wrap: anywhere;
}
body > * { max-width: 80rem; margin-inline: auto; }
h1, h2, h3, p, ul, dl, dd, figure { margin: 0; }
h1 { font-size: clamp(1.65rem, 1.2rem + 2.2vw, 2.6rem); line-height: 1.15; letter-spacing: -0.022em; font-weight: 650; text-wrap: balance; max-width: 26ch; }
h2 { font-size: 1.3rem; line-height: 1.3; letter-spacing: -0.012em; font-weight: 650; }
h3 { font-size: 0.95rem; font-weight: 650; }
code, pre { font-family: var(--mono); font-size: 0.88em; }
a { color: var(--accent); text-underline-offset: 0.2em; }
small { font-size: 0.8125rem; color: var(--quiet); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: 0.5rem 1rem; z-index: 3; }

header { padding-top: clamp(2rem, 6vw, 4rem); }
.eyebrow { color: var(--accent); font-weight: 600; margin-bottom: 0.6rem; }
.lead { color: var(--quiet); margin-top: 0.9rem; max-width: 70ch; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 1.25rem 2rem; margin-top: 2.25rem; padding-block: 1.25rem; border-block: 1px solid var(--line); }
.figures > div { display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.figures dt { color: var(--quiet); font-size: 0.875rem; }
.figures dd { font-size: clamp(1.5rem, 1.2rem + 1vw, 2rem); font-weight: 600; line-height: 1.2; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
.figures dd small { display: block; letter-spacing: 0; font-weight: 400; line-height: 1.2; }
.figures .chief dd { color: var(--accent); }
nav ul { display: flex; flex-wrap: wrap; gap: 0.35rem 1.5rem; list-style: none; padding: 0; margin-top: 1rem; font-size: 0.9375rem; }

main > section { margin-top: clamp(2.5rem, 5vw, 3.75rem); }
main > section > h2 + * { margin-top: 1rem; }
.notice { border: 1px solid; border-left-width: 5px; border-radius: 6px; padding: 1rem 1.25rem; }
main > section.notice { margin-top: 1.5rem; }
.notice h2 { font-size: 1.0625rem; }
.notice ul { padding-left: 1.15rem; margin-top: 0.5rem; }
.notice li + li { margin-top: 0.35rem; }
.warn { background: var(--warn); color: var(--warn-ink); border-color: var(--warn-line); }
.stop { background: var(--stop); color: var(--stop-ink); border-color: var(--stop-line); }
.halves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 2rem clamp(2rem, 4vw, 3.5rem); align-items: start; }
.halves > div > * + * { margin-top: 0.75rem; }
.halves > div > * + h3 { margin-top: 1.75rem; }

.approve { background: var(--panel); border-radius: 8px; padding: 1.25rem 1.5rem; }
.approve p { max-width: 60ch; }
.approve pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: 0.7rem 0.9rem; margin: 0.5rem 0 0; line-height: 1.45; }
.approve button { margin-top: 0.6rem; }
.facts { display: grid; grid-template-columns: fit-content(11rem) minmax(0, 1fr); gap: 0.45rem 1.25rem; }
.facts dt { color: var(--quiet); }
.facts dd { font-variant-numeric: tabular-nums; min-width: 0; }
details summary { cursor: pointer; color: var(--accent); }
details pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--panel); border-radius: 6px; padding: 0.9rem 1rem; margin: 0.6rem 0 0; line-height: 1.45; }

.bars { list-style: none; padding: 0; display: grid; gap: 0.7rem; }
.bars li { display: grid; grid-template-columns: 1fr auto; gap: 0.15rem 1rem; }
.bars .name { min-width: 0; }
.bars .amount { font-variant-numeric: tabular-nums; white-space: nowrap; text-align: right; }
.bars svg { grid-column: 1 / -1; display: block; width: 100%; height: 0.5rem; border-radius: 0.25rem; background: var(--track); }
.bars rect { fill: var(--bar); }
.rest { color: var(--quiet); font-size: 0.9375rem; }
.reasons { columns: 22rem; column-gap: 3rem; list-style: none; padding: 0; }
.reasons li { display: grid; grid-template-columns: 4.5rem 1fr; gap: 0.9rem; break-inside: avoid; padding-block: 0.12rem; }
.reasons b { text-align: right; font-weight: 600; font-variant-numeric: tabular-nums; }

.reasons + .controls, .rest + .controls { margin-top: 1.5rem; }
.controls { display: flex; flex-wrap: wrap; gap: 0.75rem 1rem; align-items: end; }
.controls[hidden] { display: none; }
.controls label { display: grid; gap: 0.2rem; font-size: 0.875rem; color: var(--quiet); }
.controls label:first-child { flex: 1 1 18rem; max-width: 30rem; }
.controls [role=status] { margin-left: auto; padding-bottom: 0.5rem; color: var(--quiet); font-variant-numeric: tabular-nums; }
input, select, button { font: inherit; color: inherit; }
input, select, .more, .approve button { background: var(--paper); border: 1px solid color-mix(in srgb, var(--quiet) 75%, transparent); border-radius: 6px; padding: 0.5rem 0.75rem; min-height: 2.6rem; }
input, select { width: 100%; color: var(--ink); font-size: 1rem; }
.more, .approve button { cursor: pointer; }
.more:hover, .approve button:hover { border-color: var(--accent); color: var(--accent); }
.more[hidden] { display: none; }
.more { margin-top: 0.9rem; }

.scroller { max-height: min(75vh, 52rem); overflow: auto; border: 1px solid var(--line); border-radius: 8px; }
.controls + .scroller { margin-top: 0.9rem; }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: 0.9375rem; line-height: 1.4; }
.scroller table { table-layout: fixed; min-width: 62rem; }
caption { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
th { text-align: left; font-weight: 600; background: var(--panel); border-bottom: 1px solid var(--line); padding: 0.6rem 0.7rem; font-size: 0.875rem; }
.scroller th { overflow-wrap: normal; position: sticky; top: 0; z-index: 1; }
th:has(button) { padding: 0; }
th button { all: unset; box-sizing: border-box; cursor: pointer; display: block; width: 100%; padding: 0.6rem 0.7rem; white-space: nowrap; }
th button:hover { color: var(--accent); }
th button:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
th[aria-sort] { color: var(--accent); }
th[aria-sort=ascending] button::after { content: " ↑"; }
th[aria-sort=descending] button::after { content: " ↓"; }
td { padding: 0.5rem 0.7rem; border-bottom: 1px solid var(--line); vertical-align: top; }
.scroller tbody tr:last-child td { border-bottom: 0; }
.scroller tbody tr:hover td { background: color-mix(in srgb, var(--panel) 60%, transparent); }
td span, td code { unicode-bidi: isolate; }
td small { display: block; }
td.created span { white-space: nowrap; }
td.digest code { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
td.created, td.size, td.revision, td.users, th.size, th.revision, th.users { font-variant-numeric: tabular-nums; }
td.size, td.revision, td.users, th.size, th.revision, th.users { text-align: right; }
th:is(.size, .revision, .users) button { text-align: right; }
td.empty { text-align: center; color: var(--quiet); padding: 2.5rem 1rem; }
td.tag small { color: var(--warn-ink); }
td.revision small { color: var(--quiet); }
col.stream { width: 18%; } col.tag { width: 13%; } col.revision { width: 7.5%; } col.digest { width: 13%; }
col.created { width: 9.5%; } col.size, col.users { width: 8%; } col.reason { width: 15%; } col.note { width: 16%; }
#kept col:is(.stream, .reason) { width: 14.5%; } #kept col.tag { width: 11%; } #kept col.note { width: 22%; }
.plain { max-width: 46rem; }
.plain td, .plain th { padding-inline: 0 1rem; background: none; }
.plain .count { text-align: right; font-variant-numeric: tabular-nums; }
.print-note { display: none; }
footer { margin-top: 4rem; color: var(--quiet); font-size: 0.875rem; border-top: 1px solid var(--line); padding-top: 1rem; }

@media screen and (max-width: 46rem) {
  .approve { padding: 1.1rem; }
  .figures { grid-template-columns: 1fr 1fr; }
  .figures .chief { grid-column: 1 / -1; }
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dd { margin-bottom: 0.6rem; }
  .controls label, .controls label:first-child { flex: 1 1 100%; max-width: none; }
  .controls [role=status] { margin: 0; }
  .scroller { max-height: none; overflow: visible; border: 0; border-radius: 0; }
  .scroller table { min-width: 0; }
  .scroller :is(table, thead, tbody, tr, td) { display: block; }
  .scroller thead tr { display: flex; flex-wrap: wrap; gap: 0.4rem; padding-bottom: 0.75rem; }
  .scroller thead:has(button) tr::before { content: "Sort by"; color: var(--quiet); font-size: 0.875rem; flex-basis: 100%; }
  .scroller th { position: static; border: 1px solid var(--line); border-radius: 99rem; background: none; text-align: left; }
  .scroller th button { padding: 0.3rem 0.75rem; text-align: left; min-height: 2rem; }
  .scroller th:not(:has(button)) { display: none; }
  .scroller tbody tr { border-top: 1px solid var(--line); padding-block: 0.8rem; }
  .scroller td { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: 0.1rem 0.75rem; padding: 0.12rem 0; border: 0; text-align: left; }
  .scroller td::before { content: attr(data-label); color: var(--quiet); font-size: 0.875rem; }
  .scroller td > small { grid-column: 2; }
  .scroller td:empty { display: none; }
  .scroller td.stream { display: block; font-weight: 600; }
  .scroller td:is(.stream, .empty)::before { content: none; }
  .more { width: 100%; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
@media print {
  :root { --paper: #fff; --panel: #fff; --ink: #000; --quiet: #444; --line: #bbb; --accent: #000; --bar: #555; --track: #eee; --warn: #fff; --warn-ink: #000; --stop: #fff; --stop-ink: #000; }
  body { padding: 0; font-size: 9.5pt; }
  nav, .controls, .more, .skip, .approve button { display: none !important; }
  .scroller { max-height: none; overflow: visible; border: 0; }
  .scroller table { min-width: 0; font-size: 7.5pt; }
  .scroller th { position: static; }
  th, td { padding: 0.2rem 0.3rem; }
  th button { padding: 0; white-space: normal; }
  td.digest code { white-space: normal; }
  tr, .bars li, .notice { break-inside: avoid; }
  svg, rect { print-color-adjust: exact; }
  .print-note { display: block; }
}
`;
