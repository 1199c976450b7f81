import assert from "node:assert/strict";
import { folderWith, type Intercept, type PullRegistry } from "../support/servers/pullRegistry.js";
import {
  assertUntold,
  isSomebody,
  oneOf,
  places,
  pullAll,
  secret,
  startTwoRegistries,
  wantsLogin,
} from "../support/servers/twoRegistries.js";

/** How the registry leads a client to the other host, once it has shown who it is. */
const lures: Readonly<Record<string, (foreign: PullRegistry) => Intercept>> = {
  "a redirect of everything": (foreign) => (request, response) =>
    isSomebody(request) &&
    (response.writeHead(307, { location: `${foreign.url}${request.url}` }).end(), true),
  "a redirect of blobs": (foreign) => (request, response) =>
    isSomebody(request) &&
    request.url.includes("/blobs/") &&
    (response.writeHead(307, { location: `${foreign.url}${request.url}` }).end(), true),
  "a redirect of nobody's first question": (foreign) => (request, response) =>
    !isSomebody(request) &&
    (response.writeHead(302, { location: `${foreign.url}${request.url}` }).end(), true),
};

describe("the login of a registry reaches that registry only", () => {
  let own: PullRegistry;
  let foreign: PullRegistry;
  beforeEach(async () => {
    ({ own, foreign } = await startTwoRegistries());
  });
  afterEach(async () => {
    await own.close();
    await foreign.close();
  });

  for (const [place, settingsFor] of Object.entries(places)) {
    for (const [lure, intercept] of Object.entries(lures)) {
      it(`from ${place}, whatever it leads to by ${lure}`, async () => {
        own.intercept = oneOf(intercept(foreign), wantsLogin('Basic realm="own"'));
        foreign.intercept = wantsLogin('Basic realm="foreign"');
        await pullAll(settingsFor(own.host), own.host);
        assert.ok(foreign.asked.length > 0 || own.asked.some(isSomebody));
        assertUntold(foreign);
      });
    }

    it(`from ${place}, and not to a registry that nobody has a login for`, async () => {
      foreign.intercept = oneOf(wantsLogin('Basic realm="foreign"'), () => false);
      await pullAll(settingsFor(own.host), foreign.host);
      assert.ok(foreign.asked.length > 0);
      assertUntold(foreign);
    });

    it(`from ${place}, and not to a mirror of it`, async () => {
      const system = folderWith({
        "containers/registries.conf": `[[registry]]\nlocation = "${own.host}"\n[[registry.mirror]]\nlocation = "${foreign.host}"\ninsecure = true\n`,
      });
      own.intercept = wantsLogin('Basic realm="own"');
      foreign.intercept = oneOf(wantsLogin(`Bearer realm="${foreign.url}/token"`), () => false);
      await pullAll({ ...settingsFor(own.host), system }, own.host);
      assert.ok(foreign.asked.some(({ url }) => url.includes("/manifests/")));
      assertUntold(foreign);
      assert.ok(own.asked.some(isSomebody));
    });
  }

  it("is that of a mirror for the mirror", async () => {
    const settings = {
      [own.host]: { username: "ann", password: secret, mirrors: [foreign.host] },
      [foreign.host]: { username: "bob", password: "mirror-pw" },
    };
    foreign.intercept = wantsLogin('Basic realm="foreign"');
    await pullAll({ registries: settings }, own.host);
    const bob = `Basic ${Buffer.from("bob:mirror-pw").toString("base64")}`;
    assert.deepEqual(
      new Set(foreign.asked.map(({ authorization }) => authorization)),
      new Set([undefined, bob]),
    );
    assertUntold(own);
  });
});
