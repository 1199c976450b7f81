import assert from "node:assert/strict";
import { archiveName, archiveTag } from "../../../../provider/oci/names/archiveName.js";

const digest = `sha256:${"a".repeat(64)}`;

describe("names of images in archives", () => {
  for (const [name, full, tag] of [
    ["nginx", "docker.io/library/nginx:latest", "latest"],
    ["nginx:1.27", "docker.io/library/nginx:1.27", "1.27"],
    ["docker.io/nginx:1.27", "docker.io/library/nginx:1.27", "1.27"],
    ["index.docker.io/library/nginx:1.27", "docker.io/library/nginx:1.27", "1.27"],
    ["acme/web:1", "docker.io/acme/web:1", "1"],
    ["docker.io/acme/web:1", "docker.io/acme/web:1", "1"],
    ["localhost/web:1", "localhost/web:1", "1"],
    ["localhost:5000/web", "localhost:5000/web:latest", "latest"],
    ["quay.io/a/b/c:1", "quay.io/a/b/c:1", "1"],
    ["Host/web:1", "Host/web:1", "1"],
    [`web@${digest}`, `docker.io/library/web@${digest}`, digest],
    [`quay.io:443/web:1@${digest}`, `quay.io:443/web:1@${digest}`, "1"],
  ] as const) {
    it(`${name} is ${full}`, () => {
      assert.equal(archiveName(name), full);
      assert.equal(archiveName(full), full);
      assert.equal(archiveTag(full), tag);
    });
  }
});
