import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ImageImportStatus } from "../../../provider/imports/imageStream.js";
import { describeFailure, mayLackPullSecret, readRow } from "../../../provider/imports/importFailure.js";
import { desiredTag } from "../../builders/imageStream.js";
import { repositoryRoot } from "../../repositoryRoot.js";

interface FailureCase {
  readonly name: string;
  readonly row: ImageImportStatus | undefined;
  readonly code: string;
  readonly transient: boolean;
}

function failed(reason: string, message: string): ImageImportStatus {
  return { status: { status: "Failure", reason, message } };
}

const cases: readonly FailureCase[] = [
  {
    name: "an unknown tag",
    row: failed("NotFound", 'dockerimage.image.openshift.io "r/a:x" not found'),
    code: "IMPORT_NOT_FOUND",
    transient: false,
  },
  {
    name: "wrong credentials",
    row: failed("Unauthorized", "you may not have access to the container image"),
    code: "IMPORT_UNAUTHORIZED",
    transient: false,
  },
  {
    name: "a registry's own 403",
    row: failed("InternalError", "Internal error occurred: denied: requested access"),
    code: "IMPORT_UNAUTHORIZED",
    transient: false,
  },
  {
    name: "a blocked registry",
    row: failed("Forbidden", "blocked"),
    code: "IMPORT_REGISTRY_NOT_ALLOWED",
    transient: false,
  },
  {
    name: "a rate limit",
    row: failed("InternalError", "Internal error occurred: toomanyrequests: You have reached"),
    code: "IMPORT_RATE_LIMITED",
    transient: true,
  },
  {
    name: "plain HTTP without insecure",
    row: failed("InternalError", "http: server gave HTTP response to HTTPS client"),
    code: "IMPORT_TLS",
    transient: false,
  },
  {
    name: "an unknown CA",
    row: failed(
      "InternalError",
      "tls: failed to verify certificate: x509: certificate signed by unknown authority",
    ),
    code: "IMPORT_TLS",
    transient: false,
  },
  {
    name: "an unknown host",
    row: failed("InternalError", "dial tcp: lookup h on r:53: no such host"),
    code: "IMPORT_FAILED",
    transient: false,
  },
  {
    name: "a refused connection",
    row: failed("InternalError", "dial tcp 127.0.0.1:1: connect: connection refused"),
    code: "IMPORT_FAILED",
    transient: true,
  },
  {
    name: "a stalled registry",
    row: failed("InternalError", "context deadline exceeded"),
    code: "IMPORT_FAILED",
    transient: true,
  },
  {
    name: "success without an image",
    row: { status: { status: "Success" } },
    code: "IMPORT_FAILED",
    transient: true,
  },
  {
    name: "success with an image that is null",
    row: { status: { status: "Success" }, image: null },
    code: "IMPORT_FAILED",
    transient: true,
  },
  { name: "a row that is missing", row: undefined, code: "IMPORT_FAILED", transient: true },
];

describe("rows of an import", () => {
  for (const { name, row, code, transient } of cases) {
    it(`classify ${name}`, () => {
      const read = readRow(row);

      assert.ok(read.kind === "failed");
      assert.equal(read.failure.code, code);
      assert.equal(read.failure.transient, transient);
    });
  }

  it("of a recorded answer are read: one image, three failures", () => {
    const file = join(
      repositoryRoot,
      "test/conformance/okd-api/isi-mixed-success-and-failures.response.json",
    );
    const answer = JSON.parse(readFileSync(file, "utf8")) as { status: { images: ImageImportStatus[] } };

    const codes = answer.status.images
      .map(readRow)
      .map((row) => (row.kind === "imported" ? "imported" : row.failure.code));

    assert.deepEqual(codes, ["imported", "IMPORT_NOT_FOUND", "IMPORT_FAILED", "IMPORT_UNAUTHORIZED"]);
  });
});

describe("describeFailure", () => {
  const tag = desiredTag("v1");
  const denied = { code: "IMPORT_UNAUTHORIZED", message: "no access.", transient: false } as const;

  it("names tag, source, reason, advice and code", () => {
    const text = describeFailure(tag, denied, { namespace: "shop", pullSecretHosts: ["docker.io"] });

    assert.equal(
      text,
      "tags.v1: quay.io/acme/web:v1 was not imported: no access. No pull secret in namespace shop is for quay.io (found: docker.io). Create one with exactly that host and port as its key. OKD uses every pull secret of the namespace, nothing has to be linked; the first key that matches host, port and path is the only one tried. [IMPORT_UNAUTHORIZED]",
    );
  });

  it("says so when there is a pull secret that was not accepted", () => {
    const context = { namespace: "shop", pullSecretHosts: ["quay.io/acme"] };

    assert.match(
      describeFailure(tag, denied, context),
      /has a pull secret for quay\.io, which the registry did not/,
    );
    assert.equal(mayLackPullSecret(tag, denied, context), false);
  });

  it("asks when secrets may not be read", () => {
    const context = { namespace: "shop", pullSecretHosts: undefined };

    assert.match(
      describeFailure(tag, denied, context),
      /Is there a pull secret for quay\.io in namespace shop\?/,
    );
    assert.equal(mayLackPullSecret(tag, denied, context), true);
  });
});
