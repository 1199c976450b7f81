import { own } from "../../../support/collections.js";
import { formatByteSize } from "../../../support/text/units.js";
import { nameList } from "../../../support/text/wording.js";
import type { PlanReport } from "../model.js";
import { grouped } from "../wording.js";
import { type Markup, markup, nothing } from "./markup.js";

type Coverage = PlanReport["coverage"];

/** The basis of the plan: what was read, what was not, and the state of the cluster. */
export function coverageSection({ coverage, unknownImages }: PlanReport): Markup {
  return markup`<section id="coverage" aria-labelledby="coverage-title">
    <h2 id="coverage-title">What was looked at</h2>
    <div class="halves">
      <div>
        <h3>Objects that were read</h3>
        ${readCounts(coverage)}
      </div>
      <div>
        <h3>Not read</h3>
        ${notRead(coverage)}
        <h3>The cluster</h3>
        ${clusterFacts(coverage)} ${names("References that cannot be read", coverage.ignoredReferences)}
        ${names("Images that do not say what they need", unknownLines(unknownImages))}
      </div>
    </div>
  </section>`;
}

function readCounts({ read, costs }: Coverage): Markup {
  return plainTable(
    Object.entries(read).map(
      ([resource, count]) =>
        markup`<tr>
          <th scope="row">${resource}</th>
          <td class="count">${grouped(count)}</td>
          <td class="count">${costText(own(costs, resource))}</td>
        </tr>`,
    ),
  );
}

function costText(cost: Coverage["costs"][string] | undefined): string {
  if (cost === undefined) return "";
  return `${formatByteSize(cost.bytes)} in ${grouped(cost.milliseconds)} ms`;
}

function notRead({ absent, uncovered }: Coverage): Markup {
  const rows = Object.entries(absent).map(
    ([resource, why]) =>
      markup`<tr>
        <th scope="row">${resource}</th>
        <td>${why}</td>
      </tr>`,
  );
  if (rows.length + uncovered.length === 0) return markup`<p class="rest">Nothing was left out.</p>`;
  return markup`${rows.length > 0 ? plainTable(rows) : nothing}
    ${names("May name images, and is left out by skipKinds", uncovered)}`;
}

function plainTable(rows: readonly Markup[]): Markup {
  return markup`<table class="plain">
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

function clusterFacts(coverage: Coverage): Markup {
  return markup`<dl class="facts">
    <dt>Registry</dt>
    <dd>${coverage.registry}</dd>
    <dt>Registry operator</dt>
    <dd>${coverage.registryOperator}</dd>
    <dt>Cluster version</dt>
    <dd>${coverage.clusterVersion}</dd>
    <dt>ImagePruner</dt>
    <dd>${coverage.imagePruner}</dd>
    <dt>Clock</dt>
    <dd>${clockText(coverage.clockSkewSeconds)}</dd>
  </dl>`;
}

function names(title: string, texts: readonly string[]): Markup {
  if (texts.length === 0) return nothing;
  return markup`<h3>${title}</h3>
    <ul>
      ${texts.map((text) => markup`<li>${text}</li>`)}
    </ul>`;
}

/** Lines; the JSON report has all of them. */
const maxUnknown = 500;

function unknownLines(images: PlanReport["unknownImages"]): readonly string[] {
  const lines = images.slice(0, maxUnknown).map(({ digest, streams, repository, text }) => {
    const where = streams.length === 0 ? repository : nameList(streams, 3);
    return `${digest}${where === "" ? "" : ` (${where})`}: ${text}`;
  });
  const rest = images.length - lines.length;
  return rest > 0 ? [...lines, `and ${grouped(rest)} more`] : lines;
}

function clockText(skewSeconds: number): string {
  if (skewSeconds === 0) return "as this machine's";
  return `${grouped(Math.abs(skewSeconds))} s ${skewSeconds > 0 ? "ahead of" : "behind"} this machine's`;
}
