import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createContentPool } from "../../provider/support/contentPool.js";
import { referrerKinds } from "../../provider/usage/kinds.js";
import { createUsageIndex } from "../../provider/usage/oc/index.js";
import type { FieldPath, PlaceContent } from "../../provider/usage/place.js";
import { createLiveUsage } from "../../provider/usage/safe/index.js";
import { pathText, referencesPage } from "../support/documented/referencesPage.js";
import { repositoryRoot } from "../support/repositoryRoot.js";

const digest = `sha256:${"a".repeat(64)}`;
const samples: Readonly<Record<PlaceContent, unknown>> = {
  "pull spec": `r.io/ns/web@${digest}`,
  "object reference": { kind: "ImageStreamTag", namespace: "ns", name: "web:v1" },
  "image ID": "a".repeat(64),
  Dockerfile: "FROM r.io/ns/web:v1\nRUN true",
  mirrors: {},
};

/** An object that has the value at the path; pod specs stand somewhere below `…`. */
function objectWith([step, ...rest]: FieldPath, value: unknown): unknown {
  if (step === undefined) return value;
  const isAnnotation = step.includes("/triggers");
  const below = isAnnotation ? JSON.stringify([{ from: value }]) : objectWith(rest, value);
  const field = step === "…" ? "spec" : step.replace("[]", "");
  return { [field]: step.endsWith("[]") ? [below] : below };
}

describe("docs/reference/references.md", () => {
  it("lists the places that the readers read", () => {
    const file = join(repositoryRoot, "docs/reference/references.md");
    if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, referencesPage());
    assert.equal(readFileSync(file, "utf8"), referencesPage(), "`npm run docs` writes it anew");
  });

  for (const { resource, places, project } of referrerKinds) {
    for (const { path, content, readByOc } of places) {
      it(`${resource.resource} have something at ${pathText(path)}, ${readByOc ? "for" : "not for"} oc`, () => {
        const object = objectWith(path, samples[content]);
        const referrer = project(object, createContentPool());
        const usage = createLiveUsage([referrer], [{ namespace: "ns", name: "web", tags: ["v1"] }]);
        const oc = createUsageIndex([referrer]);

        assert.deepEqual(
          [...usage.usersOfTag.keys(), ...usage.usersOfDigest.keys()].sort(),
          content === "pull spec" || content === "image ID" ? [digest] : ["ns/web:v1"],
        );
        const users = [...oc.usersOfTag("ns", "web", "v1"), ...oc.usersOfDigest("ns", "web", digest)];
        assert.equal(users.length > 0, readByOc);
      });
    }
  }
});
