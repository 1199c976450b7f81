import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import * as stubs from "../../provider/resources/stubs.js";
import { repositoryRoot } from "../support/repositoryRoot.js";

const folder = join(repositoryRoot, "test/golden");
const maximalLength = 4_000;
// The oldest SDK that is supported, ours, and the newest that was tried: users' states hold texts of all.
const sdks = ["pulumi-sdk-minimum", "@pulumi/pulumi", "pulumi-sdk-newest"] as const;

async function serialise(sdk: (typeof sdks)[number], stub: object): Promise<string> {
  const { runtime } = (await import(sdk)) as typeof pulumi;
  const serialised = await runtime.serializeFunction(() => stub, { allowSecrets: true });
  return serialised.text;
}

describe("serialised stubs", () => {
  for (const [name, stub] of Object.entries(stubs)) {
    const file = join(folder, `${name}.txt`);
    for (const sdk of sdks) {
      it(`${name} is what states hold already (${sdk})`, async function () {
        this.timeout(60_000);
        const text = await serialise(sdk, stub);
        if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, text);

        assert.equal(text, readFileSync(file, "utf8"));
        assert.ok(text.length < maximalLength, `${text.length} characters`);
      });
    }
  }
});
