import assert from "node:assert/strict";
import fc from "fast-check";
import { RegistryWhitelist } from "okd-image-sandbox/internal/images/stream/whitelist";
import { ObjectStore } from "okd-image-sandbox/internal/kube/storage/objectStore";
import { areCertainlyAllowed } from "../../provider/imports/plan/allowedSources.js";

const domain = fc.constantFrom(
  "quay.io",
  "quay.io:443",
  "quay.io:80",
  "*.io",
  "*",
  "qu?y.io",
  "docker.io",
  "r:5000",
  "r",
);
const entry = fc.record({ domainName: domain, insecure: fc.boolean() });
const host = fc.constantFrom(
  "",
  "quay.io/",
  "quay.io:443/",
  "quay.io:80/",
  "r:5000/",
  "docker.io/",
  "quayxio.io/",
);
const tag = fc.record({ image: host.map((each) => `${each}acme/web:v1`), insecure: fc.boolean() });

/** As the server judges, in all the ways in which it may ask. */
function serverAllows(allowed: readonly object[], image: string, insecure: boolean): boolean {
  const store = new ObjectStore();
  store.insert("images.config.openshift.io", {
    metadata: { name: "cluster" },
    spec: { allowedRegistriesForImport: allowed },
  });
  const whitelist = new RegistryWhitelist(store);
  const transports = insecure ? (["secure", "insecure", "any"] as const) : (["secure", "any"] as const);
  return transports.every((transport) => whitelist.complaint(image, transport) === undefined);
}

describe("sources that are certainly allowed", () => {
  it("are allowed by the server", () => {
    let certain = 0;
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 3 }), fc.array(tag, { maxLength: 3 }), (allowed, tags) => {
        if (!areCertainlyAllowed(allowed, tags)) return;
        certain += 1;
        for (const { image, insecure } of tags) assert.ok(serverAllows(allowed, image, insecure), image);
      }),
      { numRuns: 2_000 },
    );
    assert.ok(certain > 200);
  });

  it("are found in linear time, whatever the list and the tags", () => {
    const allowed = [{ domainName: `${"*-".repeat(400)}x.io`, insecure: false }];
    const tags = [{ image: `${"a-".repeat(10_000)}a.io/acme/web:v1`, insecure: false }];
    assert.equal(areCertainlyAllowed(allowed, tags), false);
    assert.equal(serverAllows(allowed, "quay.io/acme/web:v1", false), false);
  });

  it("are none where the list may not be read", () => {
    assert.equal(areCertainlyAllowed(undefined, [{ image: "quay.io/acme/web:v1", insecure: false }]), false);
  });
});
