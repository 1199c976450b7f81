import assert from "node:assert/strict";
import { createSurveys } from "../../../provider/prune/memory.js";
import { fakeObjects, forbidden, safeRequest, surveyOptions } from "../../support/fakes/clusterObjects.js";
import { images, shop, failing } from "../../support/fakes/surveyedCluster.js";

describe("createSurveys", () => {
  const identity = { server: "https://a", uid: "u" };
  const lists = (calls: readonly string[]) => calls.filter((call) => call === `list ${images}`).length;

  it("reads once for all that ask for the same", async () => {
    const objects = fakeObjects(shop);
    const surveys = createSurveys();
    const ask = () => surveys.get({ identity, objects }, safeRequest, surveyOptions());
    const [one, two] = await Promise.all([ask(), ask()]);
    assert.equal(one, two);
    assert.equal(await ask(), one);
    assert.equal(lists(objects.calls), 1);
  });

  it("reads again for another request, another cluster, and after drop", async () => {
    const objects = fakeObjects(shop);
    const surveys = createSurveys();
    const cluster = { identity, objects };
    await surveys.get(cluster, safeRequest, surveyOptions());
    await surveys.get(cluster, { ...safeRequest, rules: "oc" }, surveyOptions());
    assert.equal(lists(objects.calls), 2);
    await surveys.get({ identity: { ...identity, uid: "v" }, objects }, safeRequest, surveyOptions());
    assert.equal(lists(objects.calls), 3);
    surveys.drop(cluster);
    await surveys.get(cluster, safeRequest, surveyOptions());
    assert.equal(lists(objects.calls), 4);
  });

  it("does not remember a failure", async () => {
    const surveys = createSurveys();
    const broken = { identity, objects: fakeObjects(failing({ pods: forbidden })) };
    await assert.rejects(surveys.get(broken, safeRequest, surveyOptions()), forbidden);
    const { snapshot } = await surveys.get(
      { identity, objects: fakeObjects(shop) },
      safeRequest,
      surveyOptions(),
    );
    assert.equal(snapshot.images.length, 2);
  });

  it("reads again for those who still wait when whoever asked first is stopped", async () => {
    const objects = fakeObjects(shop);
    const surveys = createSurveys();
    const first = new AbortController();
    const stopped = surveys.get({ identity, objects }, safeRequest, surveyOptions({ signal: first.signal }));
    const waiting = surveys.get({ identity, objects }, safeRequest, surveyOptions());
    first.abort();
    await assert.rejects(stopped, /\[CANCELLED\]/);
    assert.equal((await waiting).snapshot.images.length, 2);
  });
});
