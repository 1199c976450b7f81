import assert from "node:assert/strict";
import fc from "fast-check";
import type { SafePolicy } from "../../provider/prune/args/policy.js";
import type { SafePruneOutcome } from "../../provider/prune/execute/outcome.js";
import { executeSafePrune } from "../../provider/prune/execute/safe/prune.js";
import { cutKey } from "../../provider/prune/plan/approval.js";
import { planPrune } from "../../provider/prune/plan/decide.js";
import type { ClusterSnapshot } from "../../provider/prune/snapshot.js";
import { isImageError } from "../../provider/support/imageError.js";
import { policies } from "../oracle/clusters/policies.js";
import { clusters } from "../oracle/clusters/snapshots.js";
import { applyEvent, type TimelineEvent, timelines, type Worlds } from "../oracle/meanwhile/events.js";
import { lossesBetween, misreported } from "../oracle/meanwhile/losses.js";
import { type Interference, worldOf, worldPorts } from "../oracle/meanwhile/worlds.js";
import { cutKeysIn, deletionsOfImagesIn } from "../oracle/model/planContent.js";
import { contentOf, withDescendants } from "../oracle/model/registry.js";

interface Story {
  readonly worlds: Worlds;
  readonly requests: readonly string[];
  /** Undefined when the prune has refused to begin. */
  readonly outcome: SafePruneOutcome | undefined;
}

type Run = readonly [ClusterSnapshot, SafePolicy, readonly TimelineEvent[], number];

/** Runs a prune in one world while the same happens in it and in one without. */
async function play(
  [snapshot, policy, timeline, firstBatchSize]: Run,
  interference: Interference = () => "none",
): Promise<Story | undefined> {
  const planned = planPrune(snapshot, policy);
  if (!planned.ok) return undefined;
  const worlds = { real: worldOf(snapshot), untouched: worldOf(snapshot) };
  const tempting = new Set(
    planned.plan.streams.flatMap(({ tags }) => tags.flatMap(({ cuts }) => cuts.map(({ digest }) => digest))),
  );
  let request = 0;
  const { ports, requests } = worldPorts(snapshot, worlds, (name) => {
    for (const [serial, event] of timeline.entries()) {
      if (event.at === request) Object.assign(worlds, applyEvent(event, worlds, serial + 1, tempting));
    }
    request += 1;
    return interference(name);
  });
  const options = {
    workers: 1,
    firstBatchSize,
    signal: new AbortController().signal,
    progress: () => undefined,
    holder: "oracle",
    clock: () => 0,
  };
  const order = { plan: planned.plan, snapshot, policy };
  const outcome = await executeSafePrune(order, ports, options).catch((error: unknown) => {
    if (isImageError(error)) return undefined; // the first survey failed, or refuses
    throw error;
  });
  return { worlds, requests, outcome };
}

/** The same without events after the last survey, of which no prune can know. */
async function playUntilLastLook(run: Run): Promise<Story | undefined> {
  const [snapshot, policy, timeline, firstBatchSize] = run;
  const story = await play(run);
  const lastLook = story?.requests.lastIndexOf("whole look") ?? -1;
  if (timeline.every(({ at }) => at <= lastLook)) return story;
  return await play([snapshot, policy, timeline.filter(({ at }) => at <= lastLook), firstBatchSize]);
}

/** There is something to trim, and no history has two items of one digest and instant, which nobody can tell apart. */
const runs: fc.Arbitrary<Run> = fc
  .tuple(clusters, policies, timelines, fc.constantFrom(1, 1, 2, 16))
  .filter(([snapshot, policy]) => {
    if (hasTwins(snapshot)) return false;
    const planned = planPrune(snapshot, policy);
    return planned.ok && planned.plan.streams.length > 0;
  });

function hasTwins({ streams }: ClusterSnapshot): boolean {
  const keys = streams.flatMap((stream) =>
    stream.tags.flatMap(({ tag, items }) => items.map((item) => cutKey(stream, tag, item))),
  );
  return new Set(keys).size < keys.length;
}

/** Events that bring an Image back to users that named its tag before. */
const movesTags: ReadonlySet<TimelineEvent["kind"]> = new Set(["tag moved", "push"]);

async function assertSound(
  numRuns: number,
  problemsOf: (run: Run) => Promise<readonly string[]>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(runs, async (run) => {
      const problems = await problemsOf(run);
      if (problems.length > 0) assert.fail(problems.join("\n"));
    }),
    { numRuns },
  );
}

/**
 * The last survey before the first irreversible deletion of a part of the image, of its content, or of an index that serves
 * it; undefined when there was none.
 */
function lastLookBefore({ requests, worlds }: Story, digest: string): number | undefined {
  const { images } = worlds.untouched.model;
  const isRelated = (each: string) =>
    withDescendants(images, each).has(digest) || withDescendants(images, digest).has(each);
  const content = [...images.values()]
    .filter((image) => isRelated(image.digest))
    .flatMap((image) => [image.digest, ...contentOf(image)]);
  const deletions = new Set(content.flatMap((each) => [`blob ${each}`, `image ${each}`]));
  const deleted = requests.findIndex((request) => deletions.has(request));
  return deleted === -1
    ? undefined
    : requests.slice(0, deleted).findLastIndex((request) => request.endsWith("look"));
}

describe("a safe prune, while anything may happen between two of its requests", () => {
  it("loses nothing that came into use before the last check before its deletion", async () => {
    await assertSound(500, async (run) => {
      const story = await playUntilLastLook(run);
      if (story?.outcome === undefined) return [];
      const { worlds, outcome } = story;
      if (outcome.failures.some(({ kind }) => kind === "look")) return [];
      const losses = lossesBetween(run[0], run[1], worlds.real, worlds.untouched);
      return losses.flatMap(({ repository, digest, by }) => {
        const look = lastLookBefore(story, digest);
        const serial = Number(/(?:late|pin)-(\d+)/.exec(by)?.[1] ?? NaN);
        const causes = run[2].filter(
          ({ at, kind }, index) =>
            at > (look ?? Infinity) && (Number.isNaN(serial) || index + 1 === serial || movesTags.has(kind)),
        );
        return causes.length > 0
          ? []
          : [`${repository}@${digest} is lost, used by "${by}"`, ...story.requests];
      });
    });
  });

  it("names exactly the losses of which it is the cause", async () => {
    await assertSound(800, async (run) => {
      const story = await playUntilLastLook(run);
      if (story?.outcome === undefined) return [];
      const { worlds, outcome, requests } = story;
      if (outcome.failures.some(({ kind }) => kind === "look")) return [];
      const losses = lossesBetween(run[0], run[1], worlds.real, worlds.untouched);
      const problems = misreported(losses, outcome, worlds.untouched);
      return problems.length === 0 ? [] : [...problems, ...requests];
    });
  });

  it("counts each approved item and Image once: deleted, put back, kept, failed or not begun", async () => {
    await assertSound(300, async (run) => {
      const planned = planPrune(run[0], run[1]);
      const story = await play(run);
      if (story?.outcome === undefined || !planned.ok) return [];
      const { revisions, images, restored, skipped, failures, interrupted } = story.outcome;
      if (failures.length > 0 || interrupted) return [];
      const approved = cutKeysIn(planned.plan);
      const all = approved.length + deletionsOfImagesIn(planned.plan).length;
      const counted = revisions + images + restored + skipped;
      return counted === all ? [] : [`${counted} of ${all}`, ...story.requests];
    });
  });

  it("names every loss when requests fail and kinds become unreadable, too", async () => {
    const faults = fc.array(fc.constantFrom("none", "none", "none", "fails before", "fails after"), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(runs, faults, async (run, failing) => {
        let count = 0;
        const story = await play(run, () => failing[count++] ?? "none");
        if (story?.outcome === undefined) return;
        const { worlds, outcome, requests } = story;
        if (outcome.failures.some((each) => each.kind === "look" && each.before === "verification")) return;
        const losses = lossesBetween(run[0], run[1], worlds.real, worlds.untouched);
        const lastLook = requests.lastIndexOf("whole look");
        if (run[2].some(({ at }) => at > lastLook)) return;
        const unseen = outcome.failures.flatMap((each) => (each.kind === "unseen" ? each.revisions : []));
        const failed = outcome.failures.flatMap((each) => (each.kind === "verification" ? [each.image] : []));
        const silent = losses.filter(
          (loss) =>
            misreported([loss], outcome, worlds.untouched).some((line) => line.includes("is lost")) &&
            !unseen.some((key) => key.includes(loss.digest)) &&
            !failed.includes(loss.digest),
        );
        assert.deepEqual(silent, [], requests.join("\n"));
      }),
      { numRuns: 500 },
    );
  });
});
