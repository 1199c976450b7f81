import { describeCluster } from "../../../okd/clusterIdentity.js";
import { formatByteSize } from "../../../support/text/units.js";
import { countOf } from "../../../support/text/wording.js";
import type { PlanReport, ReasonCount, Share } from "../model.js";
import { freedText, grouped, headline, moreNotices, shownNotices } from "../wording.js";
import { type Markup, markup, nothing } from "./markup.js";

const maxBars = 12;

export function headerSection(report: PlanReport): Markup {
  const { totals, resource, cluster, takenAt } = report;
  const vanish = totals.vanishingTags;
  return markup`<header>
    <p class="eyebrow">Prune plan of ${resource.name}</p>
    <h1>${headline(report)}</h1>
    <p class="lead">
      Cluster ${cluster.server}, as it was at ${instantText(takenAt)}. Nothing has been deleted by writing
      this page.
    </p>
    <dl class="figures">
      <div class="chief">
        <dt>
          ${totals.isUpperBound ? "freed at most: imported images are among them" : "freed in the registry"}
        </dt>
        <dd>${freedText(totals)}</dd>
      </div>
      ${figure(totals.images, "images")} ${figure(totals.revisions, "revisions of tags")}
      ${figure(totals.streams, "streams lose revisions")} ${figure(vanish, "tags vanish")}
    </dl>
    <nav aria-label="On this page">
      <ul>
        <li><a href="#approve">Approving</a></li>
        <li><a href="#going">What would go</a></li>
        <li><a href="#kept">What stays</a></li>
        <li><a href="#coverage">What was looked at</a></li>
      </ul>
    </nav>
  </header>`;
}

function figure(count: number, text: string): Markup {
  return markup`<div>
    <dt>${text}</dt>
    <dd>${grouped(count)}</dd>
  </div>`;
}

/** Objections before warnings, both before everything else. */
export function notices({ objections, warnings }: PlanReport): Markup {
  const stop = objections.map(({ name, message }) => markup`<li><code>${name}</code> ${message}</li>`);
  const warn = warnings.map((text) => markup`<li>${text}</li>`);
  return markup`${notice("stop", "This plan will not be carried out", stop)}${notice("warn", "Before you approve", warn)}`;
}

function notice(kind: "stop" | "warn", title: string, lines: readonly Markup[]): Markup {
  if (lines.length === 0) return nothing;
  const more = moreNotices(lines);
  return markup`<section class="notice ${kind}" aria-labelledby="${kind}-title">
    <h2 id="${kind}-title">${title}</h2>
    <ul>
      ${lines.slice(0, shownNotices)}${more === "" ? nothing : markup`<li>${more}</li>`}
    </ul>
  </section>`;
}

export function approval(report: PlanReport): Markup {
  const line = `approvedFingerprint: "${report.fingerprint}"`;
  return markup`<section id="approve" class="halves">
    <div class="approve">
      <h2>How to approve it</h2>
      <p>
        With this argument only the plan on this page is carried out; as soon as anything else would go,
        nothing goes.
      </p>
      <pre>${line}</pre>
      <button type="button" data-copy="${line}" hidden>Copy</button>
      <p>
        Or write <code>planReport</code> as JSON and give that file as <code>approvedPlan</code>: then only
        what it lists may go, and what is new stays.
      </p>
    </div>
    ${madeFor(report)}
  </section>`;
}

function madeFor({ cluster, cutoffs, policy, resource, takenAt }: PlanReport): Markup {
  const policyLines = Object.entries(policy)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return markup`<div>
      <h2>Made for</h2>
      <dl class="facts">
        <dt>Cluster</dt>
        <dd>${describeCluster(cluster)}</dd>
        <dt>Resource</dt>
        <dd>${resource.urn}</dd>
        <dt>Read at</dt>
        <dd>${instantText(takenAt)}</dd>
        ${cutoffs.map(
          ({ argument, at }) =>
            markup`<dt>${argument}</dt>
              <dd>spares what appeared after ${instantText(at)}</dd>`,
        )}
      </dl>
      <details open>
        <summary>The policy's arguments</summary>
        <pre>${policyLines.map((text) => markup`${text}\n`)}</pre>
      </details>
    </div>`;
}

export function shares({ byNamespace, byStream }: PlanReport): Markup {
  if (byStream.length === 0) return nothing;
  return markup`<section class="halves">
    <div>
      <h2>By namespace</h2>
      ${bars(byNamespace, "namespace")}
    </div>
    <div>
      <h2>By stream</h2>
      ${bars(byStream, "stream")}
    </div>
  </section>`;
}

function bars(all: readonly Share[], noun: string): Markup {
  const longest = Math.max(1, all[0]?.bytes ?? 0);
  const rest = all.slice(maxBars);
  const restBytes = rest.reduce((sum, { bytes }) => sum + bytes, 0);
  const more = markup`<p class="rest">
    and ${countOf(rest.length, `smaller ${noun}`)}, ${formatByteSize(restBytes)} together
  </p>`;
  return markup`<ul class="bars">
      ${all.slice(0, maxBars).map((share) => bar(share, longest))}
    </ul>
    ${rest.length > 0 ? more : nothing}`;
}

/** SVG, because the page's policy allows no style attributes. */
function bar({ name, revisions, images, bytes }: Share, longest: number): Markup {
  const width = ((bytes / longest) * 100).toFixed(2);
  const amount = markup`${formatByteSize(bytes)}
    <small>${countOf(images, "image")}, ${countOf(revisions, "revision")}</small>`;
  return markup`<li>
    <span class="name"><bdi>${name}</bdi></span>
    <span class="amount">${amount}</span>
    <svg aria-hidden="true" focusable="false"><rect width="${width}%" height="100%" rx="4" /></svg>
  </li>`;
}

/** The reasons for keeping, in numbers: of everything, however many rows the table below has. */
export function keptReasons({ kept }: PlanReport): Markup {
  const lines = [
    ...reasonLines("revisions", kept.revisionReasons),
    ...reasonLines("Images", kept.imageReasons),
  ];
  const omitted = markup`<p class="rest">
    The table lists what something uses first; ${grouped(kept.omitted)} more rows are not listed.
  </p>`;
  return markup`<ul class="reasons">
      ${lines}
    </ul>
    ${kept.omitted > 0 ? omitted : nothing}`;
}

function reasonLines(noun: string, reasons: readonly ReasonCount[]): readonly Markup[] {
  return reasons.map(
    ({ text, count }) => markup`<li><b>${grouped(count)}</b><span>${noun}: ${text}</span></li>`,
  );
}

/** "2026-11-20 12:00 UTC"; ISO 8601 is known everywhere. */
function instantText(instant: string | undefined): string {
  return instant === undefined ? "an unknown time" : `${instant.slice(0, 16).replace("T", " ")} UTC`;
}
