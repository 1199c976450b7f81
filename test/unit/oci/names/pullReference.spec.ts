import assert from "node:assert/strict";
import { qualifiedReference } from "../../../../provider/oci/names/pullReference.js";
import { digest } from "../../../support/builders/imageStream.js";

describe("qualifiedReference", () => {
  for (const [short, full] of [
    ["nginx", "docker.io/library/nginx"],
    ["nginx:1.27", "docker.io/library/nginx:1.27"],
    [`nginx@${digest("a")}`, `docker.io/library/nginx@${digest("a")}`],
    ["myapp:5000", "docker.io/library/myapp:5000"],
    ["acme/web:v1", "docker.io/acme/web:v1"],
    ["a/b/c", "docker.io/a/b/c"],
    ["docker.io/nginx:1", "docker.io/library/nginx:1"],
    ["docker.io/library/nginx", "docker.io/library/nginx"],
    ["index.docker.io/nginx", "docker.io/library/nginx"],
    ["registry-1.docker.io/nginx", "registry-1.docker.io/nginx"],
    ["quay.io/acme/web:v1", "quay.io/acme/web:v1"],
    ["localhost/foo", "localhost/foo"],
    ["r:5000/foo", "r:5000/foo"],
  ] as const) {
    it(`of ${short} is ${full}`, () => assert.equal(qualifiedReference(short), full));
  }
});
