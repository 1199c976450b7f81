import assert from "node:assert/strict";
import { appendFileSync, existsSync, statSync, unlinkSync } from "node:fs";
import { unknownValue } from "../../../provider/lifecycle/unknowns.js";
import { findLeaks } from "../../support/cli/leaks.js";
import type { Bag, Operation } from "../../support/cli/operation.js";
import { contentIn, imageIn, useArchiveScene } from "../../support/cli/scenes/archive.js";

/** What stands in a state in place of a secret value (Pulumi's signature of secrets). */
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

describe("ImageArchive under the Pulumi CLI", function () {
  this.timeout(240_000);
  const scene = useArchiveScene("test/cli/archive/operations");

  const succeeded = (operation: Operation) => assert.equal(operation.code, 0, operation.text);
  const shown = (operation: Operation, name = "bundle") => operation.lines(name).join("\n");

  /** Nothing to do, and no message about it. */
  async function quiet(): Promise<void> {
    const up = await scene.stack.up("--skip-preview", "--expect-no-changes");
    succeeded(up);
    assert.deepEqual(up.lines("bundle"), []);
  }

  it("previews an archive's content, writes it, changes nothing in a second run, and names an image that moved", async () => {
    const { stack } = scene;
    scene.declare();
    const preview = await stack.preview("--diff");
    succeeded(preview);
    assert.deepEqual(preview.steps("preview"), ["create bundle"]);
    assert.match(shown(preview), /would write web\.tar: 1 image, [\d.]+ .?i?B/);
    assert.ok(preview.text.includes(scene.v1), "the digest stands in the diff");
    assert.match(preview.text, /action\s*: "write"/);
    assert.match(preview.text, /"linux\/amd64"/);
    assert.deepEqual(scene.files(), []);

    const up = await stack.up();
    succeeded(up);
    assert.match(up.text, /would write web\.tar: 1 image/, "in the preview of an up, too");
    assert.match(shown(up), /wrote web\.tar, sha256 [0-9a-f]{64}/);
    assert.deepEqual(await scene.digests(), [scene.v1]);
    assert.deepEqual(scene.files(), ["web.tar"]);
    const { outputs } = stack.resource("bundle")!;
    assert.equal(outputs.sha256, scene.sha256());
    assert.equal(outputs.size, statSync(scene.file()).size);
    await quiet();
    succeeded(await stack.refresh("--expect-no-changes"));
    await quiet();

    scene.moveTag("v1", scene.v2);
    const moved = await stack.preview("--diff");
    succeeded(moved);
    assert.deepEqual(moved.steps("preview"), ["update bundle"]);
    assert.ok(shown(moved).includes(`would rewrite web.tar: 1 image`), shown(moved));
    assert.ok(shown(moved).includes(`${scene.image("v1")} moved`), shown(moved));
    assert.ok(moved.text.includes(`"${scene.v1}" => "${scene.v2}"`), moved.text);
    assert.deepEqual(await scene.digests(), [scene.v1], "a preview writes nothing");

    const updated = await stack.up("--strict");
    succeeded(updated);
    assert.deepEqual(updated.steps(), ["update bundle"]);
    assert.deepEqual(await scene.digests(), [scene.v2]);
    await quiet();
  });

  it("finds a file that was deleted or altered in the preview, and repairs it", async () => {
    const { stack } = scene;
    scene.declare();
    await stack.succeed("up", "--yes", "--skip-preview");
    const before = scene.sha256();

    unlinkSync(scene.file());
    const gone = await stack.preview();
    succeeded(gone);
    assert.deepEqual(gone.steps("preview"), ["update bundle"]);
    assert.match(shown(gone), /would rewrite web\.tar: .*the file is gone/);
    assert.deepEqual(scene.files(), []);
    succeeded(await stack.up("--skip-preview"));
    assert.equal(scene.sha256(), before);

    appendFileSync(scene.file(), "x");
    const altered = await stack.preview();
    succeeded(altered);
    assert.deepEqual(altered.steps("preview"), ["update bundle"]);
    assert.match(shown(altered), /warning: web\.tar was changed outside of Pulumi; it will be written again/);
    assert.doesNotMatch(shown(altered), /keeps/);
    succeeded(await stack.up("--skip-preview"));
    assert.equal(scene.sha256(), before);
    await quiet();

    unlinkSync(scene.file());
    const refreshed = await stack.up("--skip-preview", "--refresh");
    succeeded(refreshed);
    assert.equal(scene.sha256(), before);
    await quiet();
  });

  it("moves the file with its path, keeps it with onDestroy: keep, and deletes it with the resource", async () => {
    const { stack } = scene;
    scene.declare({ manifest: true });
    await stack.succeed("up", "--yes", "--skip-preview");
    assert.deepEqual(scene.files().toSorted(), ["web.tar", "web.tar.json", "web.tar.sha256"]);

    scene.declare({ path: "out/other.tar", manifest: true, createDirectories: true });
    const preview = await stack.preview("--diff");
    succeeded(preview);
    assert.match(preview.text, /path\s*: "web\.tar" => "out\/other\.tar"/);
    assert.ok(preview.steps("preview").includes("replace bundle"), preview.steps("preview").join());
    const up = await stack.up("--skip-preview");
    succeeded(up);
    assert.deepEqual(scene.files(), []);
    assert.deepEqual(await scene.digests(scene.file("out/other.tar")), [scene.v1]);

    scene.declare({ path: "out/other.tar", createDirectories: true, onDestroy: "keep" });
    succeeded(await stack.up("--skip-preview"));
    succeeded(await stack.destroy());
    assert.ok(existsSync(scene.file("out/other.tar")));

    scene.declare({ path: "out/other.tar" });
    const adopted = await stack.up();
    succeeded(adopted);
    assert.match(shown(adopted), /took over out\/other\.tar/);
    succeeded(await stack.destroy());
    assert.ok(!existsSync(scene.file("out/other.tar")));
    assert.equal(stack.resource("bundle"), undefined);
  });

  it("writes an archive again in another checkout, or ignores there that it is missing", async () => {
    const { stack } = scene;
    scene.declare();
    await stack.succeed("up", "--yes", "--skip-preview");
    const checkout = scene.checkout("checkout");

    const preview = await scene.runIn(checkout, "preview");
    succeeded(preview);
    assert.deepEqual(preview.steps("preview"), ["update bundle"]);
    assert.match(shown(preview), /would rewrite web\.tar: .*the file is gone/);
    succeeded(await scene.runIn(checkout, "up", "--yes"));
    assert.equal(scene.sha256(scene.file("web.tar", checkout)), scene.sha256());
    await quiet();

    unlinkSync(scene.file("web.tar", checkout));
    scene.declare({ onMissing: "ignore" });
    await stack.succeed("up", "--yes", "--skip-preview");
    const other = scene.checkout("other");
    for (const verb of ["up", "refresh"]) {
      const ignored = await scene.runIn(other, verb, "--yes", "--skip-preview", "--expect-no-changes");
      succeeded(ignored);
    }
    assert.deepEqual(scene.files(other), []);
    assert.notEqual(stack.resource("bundle"), undefined);

    scene.moveTag("v1", scene.v2);
    succeeded(await scene.runIn(other, "up", "--yes", "--skip-preview"));
    assert.deepEqual(await scene.digests(scene.file("web.tar", other)), [scene.v2]);
    const stale = await stack.preview();
    succeeded(stale);
    assert.deepEqual(stale.steps("preview"), ["update bundle"], "this checkout holds the old image");
  });

  it("takes the archive for up to date while its source is down, and writes it once the source is back", async () => {
    const { stack } = scene;
    scene.declare();
    const restore = scene.cutRegistry();
    const first = await stack.preview();
    succeeded(first);
    assert.equal(first.step("bundle", "preview").new?.inputs.content, unknownValue);
    assert.match(shown(first), /not known yet/);
    const failed = await stack.up("--skip-preview");
    assert.notEqual(failed.code, 0);
    assert.match(failed.text, /\[REGISTRY_UNREACHABLE\]/);
    restore();
    await stack.succeed("up", "--yes", "--skip-preview");

    const again = scene.cutRegistry();
    scene.moveTag("v1", scene.v2);
    for (const down of [await stack.preview("--expect-no-changes"), await stack.up("--expect-no-changes")]) {
      succeeded(down);
      assert.match(shown(down), /warning: .*taken to be up to date/);
    }
    again();
    const back = await stack.up();
    succeeded(back);
    assert.deepEqual(back.steps(), ["update bundle"]);
    assert.deepEqual(await scene.digests(), [scene.v2]);
  });

  it("exports from a container engine, and does not need the engine for an existing archive", async () => {
    const { stack, world } = scene;
    const container = await world.container("docker-29");
    const id = container.images.add(["acme/app:dev"], { content: "one" });
    scene.declare({ images: [{ engine: "acme/app:dev" }], engine: { host: container.host } });
    const preview = await stack.preview();
    succeeded(preview);
    assert.equal(imageIn(preview.step("bundle", "preview").new?.inputs, "acme/app:dev")?.digest, id);
    succeeded(await stack.up("--skip-preview"));
    assert.deepEqual(await scene.digests(), [id]);
    await quiet();

    await container.close();
    const down = await stack.preview("--expect-no-changes");
    succeeded(down);
    assert.match(shown(down), /warning: .*ENGINE_UNREACHABLE.*taken to be up to date/);
    unlinkSync(scene.file());
    const failed = await stack.up("--skip-preview");
    assert.notEqual(failed.code, 0);
    assert.match(failed.text, /\[ENGINE_UNREACHABLE\]/);
    assert.deepEqual(scene.files(), []);
    succeeded(await stack.destroy("--skip-preview"));
    assert.equal(stack.resource("bundle"), undefined);
  });

  it("keeps the file in a rename, in --replace, and in a replacement by its arguments", async () => {
    const { stack } = scene;
    scene.declare();
    await stack.succeed("up", "--yes", "--skip-preview");
    const { ino } = statSync(scene.file());

    stack.declare({ resources: [scene.archive({}, {}, "renamed")] });
    const renamed = await stack.up("--skip-preview");
    succeeded(renamed);
    assert.deepEqual(renamed.steps(), ["create renamed", "delete bundle"]);
    assert.match(shown(renamed, "renamed"), /took over web\.tar/);
    assert.match(shown(renamed), /web\.tar stays/);
    assert.equal(stack.resource("bundle"), undefined);

    const urn = stack.resource("renamed")?.urn ?? "";
    const replaced = await stack.up("--skip-preview", "--replace", urn);
    succeeded(replaced);
    assert.ok(replaced.steps().includes("create-replacement renamed"), replaced.steps().join());
    assert.equal(statSync(scene.file()).ino, ino);
    assert.deepEqual(await scene.digests(), [scene.v1]);
    succeeded(await stack.up("--skip-preview", "--expect-no-changes"));

    scene.moveTag("v1", scene.v2);
    const refused = await stack.up("--skip-preview", "--replace", urn);
    assert.notEqual(refused.code, 0, "Pulumi does not say there that the file is this resource's");
    assert.match(refused.text, /\[ARCHIVE_UNMANAGED\]/);
    assert.deepEqual(await scene.digests(), [scene.v1]);

    stack.declare({ resources: [scene.archive({}, { replaceOnChanges: ["content"] }, "renamed")] });
    const moved = await stack.up("--skip-preview");
    succeeded(moved);
    assert.ok(moved.steps().includes("create-replacement renamed"), moved.steps().join());
    assert.ok(contentIn(moved.step("renamed").new?.inputs).reason.endsWith("v1 moved"));
    assert.deepEqual(await scene.digests(), [scene.v2]);
    succeeded(await stack.up("--skip-preview", "--expect-no-changes"));
    succeeded(await stack.destroy("--skip-preview"));
    assert.deepEqual(scene.files(), []);
  });

  it("exports in the same up what the program imports, its digest known before", async () => {
    const { stack, world } = scene;
    const { connection } = world;
    const images = [{ stream: { $tag: ["web", "v1"] } }];
    const declare = () =>
      stack.declare({
        resources: [scene.stream({ trackUpstream: "follow" }), scene.archive({ connection, images })],
      });
    const pending = (operation: Operation) => {
      const image = imageIn(operation.step("bundle", "preview").new?.inputs, "shop/web:v1");
      return { digest: image?.digest, isPending: image?.isPending };
    };
    declare();
    const preview = await stack.preview("--diff");
    succeeded(preview);
    assert.deepEqual(pending(preview), { digest: scene.v1, isPending: true });
    assert.match(shown(preview), /would write web\.tar: 1 image/);

    const up = await stack.up("--skip-preview");
    succeeded(up);
    assert.deepEqual(up.steps(), ["create web", "create bundle"]);
    assert.deepEqual(await scene.digests(), [scene.v1]);
    assert.equal(imageIn(stack.resource("bundle")?.outputs, "shop/web:v1")?.isPending, undefined);
    await quiet();

    scene.moveTag("v1", scene.v2);
    const moved = await stack.preview();
    succeeded(moved);
    assert.deepEqual(moved.steps("preview"), ["update web", "update bundle"]);
    assert.deepEqual(pending(moved), { digest: scene.v2, isPending: true });
    assert.match(shown(moved), /shop\/web:v1 moved/);
    succeeded(await stack.up("--skip-preview"));
    assert.deepEqual(await scene.digests(), [scene.v2]);
    await quiet();
    succeeded(await stack.destroy("--skip-preview"));
    assert.deepEqual(scene.files(), []);
  });

  it("previews a path and an image that are not known yet", async () => {
    const { stack } = scene;
    const value = (name: string, known: string) => ({ type: "value" as const, name, args: { value: known } });
    const other = scene.archive({ images: [{ registry: { $output: ["what", "result"] } }] }, {}, "other");
    stack.declare({
      resources: [
        value("where", "known.tar"),
        value("what", scene.image("v2")),
        scene.archive({ path: { $output: ["where", "result"] } }),
        other,
      ],
    });
    const preview = await stack.preview("--diff");
    succeeded(preview);
    for (const name of ["bundle", "other"]) {
      assert.equal(preview.step(name, "preview").new?.inputs.content, unknownValue);
    }
    assert.match(shown(preview), /what the archive would hold is not known yet/);
    assert.match(shown(preview, "other"), /what web\.tar would hold is not known yet/);
    assert.deepEqual(scene.world.sandbox.requests.matching({ server: "open" }), [], "nothing can be asked");

    succeeded(await stack.up());
    assert.deepEqual(await scene.digests(scene.file("known.tar")), [scene.v1]);
    assert.deepEqual(await scene.digests(), [scene.v2]);
    await quiet();
    succeeded(await stack.destroy("--skip-preview"));
    assert.deepEqual(scene.files(), []);
  });

  it("keeps credentials, declared secret or not, out of everything that is stored and printed", async () => {
    const { stack } = scene;
    const [password, wrong] = ["Xq+Zr/7w=&%p?closed", "not+the/right=one&at%all"];
    const clientKey = "-----BEGIN PRIVATE KEY-----\nZr7wXqClosedKeyOfTheEngine\n-----END PRIVATE KEY-----";
    const registry = await scene.closedRegistry("robot", password);
    const { digest } = registry.publishImage("acme/secret", "v1");
    const declare = (given: string, more: Bag = {}) =>
      scene.declare({
        images: [`${registry.host}/acme/secret:v1`],
        registries: { [registry.host]: { username: "robot", password: given } },
        engine: { clientCert: "cert.pem", clientKey },
        ...more,
      });

    declare(wrong);
    const refused = await stack.up("--skip-preview");
    assert.notEqual(refused.code, 0);
    assert.match(refused.text, /\[REGISTRY_/);
    declare(password);
    await stack.succeed("up", "--yes", "--diff");
    assert.deepEqual(await scene.digests(), [digest]);
    const stored = stack.resource("bundle");
    for (const bag of [stored?.inputs, stored?.outputs]) {
      const settings = (bag?.registries as Record<string, Bag>)[registry.host];
      assert.ok(JSON.stringify(settings?.password).includes(secretSignature));
      assert.ok(JSON.stringify((bag?.engine as Bag).clientKey).includes(secretSignature));
      assert.equal(settings?.username, "robot");
    }
    assert.equal(imageIn(stored?.outputs, `${registry.host}/acme/secret:v1`)?.digest, digest);
    await quiet();

    declare(password, { images: [`${registry.host}/acme/secret:v1`, `${registry.host}/acme/secret:none`] });
    assert.notEqual((await stack.preview("--diff")).code, 0);
    declare(wrong);
    assert.notEqual((await stack.up("--skip-preview", "--diff")).code, 0);
    await stack.succeed("refresh", "--yes", "--diff");
    await stack.succeed("stack", "export");
    declare(password, { fileMode: "0644" });
    await stack.succeed("preview", "--json");
    await stack.succeed("up", "--yes", "--skip-preview", "--diff");
    assert.equal(contentIn(stack.resource("bundle")?.inputs).action, "keep");
    await stack.succeed("destroy", "--yes", "--skip-preview");

    const basic = [password, wrong].map((each) => Buffer.from(`robot:${each}`).toString("base64"));
    assert.deepEqual(findLeaks(stack, [password, wrong, "Zr7wXqClosedKeyOfTheEngine", ...basic]), []);
    assert.notDeepEqual(findLeaks(stack, [digest]), [], "what is no secret is found");
  });
});
