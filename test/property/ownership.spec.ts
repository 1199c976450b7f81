import assert from "node:assert/strict";
import fc from "fast-check";
import { readClaims } from "../../provider/imports/plan/claims.js";
import type { FakePulumi } from "../support/fakes/pulumi.js";
import { type ImportWorld, startImportWorld } from "../support/worlds/imports.js";

const tagNames = ["v1", "v2", "v3"] as const;

interface Action {
  readonly resource: 0 | 1 | 2;
  readonly verb: "up" | "replace" | "destroy" | "refresh" | "forget";
  readonly tags: readonly string[];
  readonly adopt: boolean;
}

const actions: fc.Arbitrary<readonly Action[]> = fc.array(
  fc.record({
    resource: fc.constantFrom(0 as const, 1 as const, 2 as const),
    verb: fc.constantFrom("up", "up", "up", "replace", "destroy", "refresh", "forget"),
    tags: fc.subarray([...tagNames], { minLength: 1 }),
    adopt: fc.boolean(),
  }),
  { minLength: 2, maxLength: 9 },
);

type Engine = FakePulumi<unknown, unknown>;

async function perform(world: ImportWorld, engine: Engine, action: Action): Promise<void> {
  const tags = Object.fromEntries(action.tags.map((tag) => [tag, `quay.io/acme/web:${tag}`]));
  const args = { connection: world.connection, namespace: "shop", name: "web", tags, adopt: action.adopt };
  switch (action.verb) {
    case "up":
      await engine.up(args);
      return;
    case "replace":
      if (engine.state !== undefined) await engine.up(args, { replace: true });
      return;
    case "destroy":
      if (engine.state !== undefined) await engine.destroy();
      return;
    case "refresh":
      if (engine.state !== undefined) await engine.refresh();
      return;
    case "forget":
      // The state is lost, as after a crash before it was saved; the next create finds what is there.
      engine.state = undefined;
      return;
  }
}

/** A claimant must still find every tag of its claim, and served. */
function requireClaimedTags(world: ImportWorld, history: string): void {
  const stream = world.stream();
  if (stream === undefined) return;
  for (const claim of readClaims(stream)) {
    for (const tag of claim.tags) {
      assert.ok(world.served(tag) !== undefined, `${claim.resource} lost ${tag}: ${history}`);
    }
  }
}

describe("three resources on one image stream, in any order", () => {
  it("never lose a tag that one of them claims, nor one that none of them owns", async function () {
    this.timeout(240_000);
    await fc.assert(
      fc.asyncProperty(actions, async (sequence) => {
        const world = await startImportWorld();
        try {
          for (const tag of [...tagNames, "theirs"]) world.publish(tag);
          await world.seedTag("theirs", "quay.io/acme/web:theirs");
          const engines = ["a", "b", "c"].map((name) => world.pulumi(name) as unknown as Engine);
          const history: string[] = [];
          for (const action of sequence) {
            history.push(`${action.resource} ${action.verb} ${action.tags.join("+")} ${action.adopt}`);
            // A refusal is a right answer; losing something is not.
            await perform(world, engines[action.resource]!, action).catch((error: unknown) =>
              assert.match(String(error), /STREAM_CLAIMED|CLAIM_LOST|TAG_NOT_OWNED/),
            );
            requireClaimedTags(world, history.join("; "));
            assert.ok(world.served("theirs") !== undefined, history.join("; "));
          }
        } finally {
          await world.sandbox.close();
        }
      }),
      { numRuns: 60 },
    );
  });
});
