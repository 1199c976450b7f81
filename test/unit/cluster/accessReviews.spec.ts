import assert from "node:assert/strict";
import { clusterPermissions } from "../../../provider/cluster/accessReviews.js";
import type { AccessRight } from "../../../provider/okd/accessRights.js";
import { hasCode } from "../../../provider/support/imageError.js";
import { clientFor, never } from "../../support/clients/cluster.js";
import { failure, type Respond, startServer, type TestServer } from "../../support/servers/scripted.js";

const images: AccessRight = { verb: "delete", group: "image.openshift.io", resource: "images" };
const status: AccessRight = {
  ...{ verb: "update", group: "image.openshift.io", resource: "imagestreams" },
  ...{ subresource: "status", namespace: "shop" },
};
const leases: AccessRight = { verb: "create", group: "coordination.k8s.io", resource: "leases" };

interface Review {
  readonly spec: { readonly resourceAttributes: AccessRight };
}

describe("clusterPermissions", () => {
  let server: TestServer;
  let respond: Respond;
  before(async () => {
    server = await startServer((request, index) => respond(request, index));
  });
  after(() => server.close());
  beforeEach(() => {
    server.seen.length = 0;
  });
  const missing = (...rights: readonly AccessRight[]) =>
    clusterPermissions(clientFor(server.url)).missing(rights, { signal: never });

  it("asks for each right as written", async () => {
    respond = () => ({ status: 201, body: { status: { allowed: true } } });
    assert.deepEqual(await missing(status), []);
    const [seen] = server.seen;
    assert.equal(
      `${seen?.method} ${seen?.url}`,
      "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    );
    assert.deepEqual(JSON.parse(seen?.body ?? ""), {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes: status },
    });
  });

  it("answers the rights that are not allowed, in order", async () => {
    respond = ({ body }) => {
      const { resource } = (JSON.parse(body) as Review).spec.resourceAttributes;
      const allowed = resource === "imagestreams";
      return { status: 201, body: { status: resource === "leases" ? {} : { allowed } } };
    };
    assert.deepEqual(await missing(leases, status, images), [leases, images]);
  });

  it("does not take a failure for a missing right", async () => {
    respond = () => failure(403, "Forbidden", "no reviews for you");
    await assert.rejects(missing(images), (error) => hasCode(error, "API_FORBIDDEN"));
  });
});
