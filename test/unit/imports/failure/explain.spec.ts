import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  describeImportFailure,
  hasRefusedSecret,
  mayLackPullSecret,
  readRow,
} from "../../../../provider/imports/failure/explain.js";
import type { ImageImportStatus } from "../../../../provider/okd/imageStream.js";
import { desiredTag } from "../../../support/builders/imageStream.js";
import { repositoryRoot } from "../../../support/repositoryRoot.js";

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

  it("read one image and three failures of a recorded answer", () => {
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
  const tag = desiredTag("v1", { image: "registry.acme.com/acme/web:v1" });
  const denied = { code: "IMPORT_UNAUTHORIZED", message: "no access.", transient: false } as const;
  const key = (text: string, secret = "s") => ({ secret, key: text, isExcluded: false });
  const context = (...keys: readonly string[]) => ({
    namespace: "shop",
    keys: keys.map((text) => key(text)),
  });

  it("names tag, source, reason, advice and code", () => {
    const text = describeImportFailure(tag, denied, context("registry.acme.com/team-b", "docker.io"));

    assert.equal(
      text,
      "tags.v1: registry.acme.com/acme/web:v1 was not imported: no access. " +
        "No pull secret in namespace shop is for registry.acme.com/acme/web " +
        "(found: registry.acme.com/team-b of secret s is for another path, docker.io of secret s is for another host). " +
        "Create one whose key is registry.acme.com, with exactly that host and port, or that and the beginning of the path. " +
        "OKD uses every pull secret of the namespace, nothing has to be linked; of the keys that match host, port and path " +
        "only the most specific is tried, and the cluster's global pull secret (openshift-config/pull-secret) where none " +
        "matches. [IMPORT_UNAUTHORIZED]",
    );
  });

  it("names the key that was refused, and the keys that were not tried", () => {
    const known = context("registry.acme.com/acme", "registry.acme.com", "*.io");

    const text = describeImportFailure(tag, denied, known);

    assert.match(
      text,
      /pull secret for it \(registry\.acme\.com\/acme of secret s\), which the registry did not accept/,
    );
    assert.match(
      text,
      /Not tried: registry\.acme\.com of secret s comes after registry\.acme\.com\/acme, \*\.io of /,
    );
    assert.equal(hasRefusedSecret(tag, known), true);
    assert.equal(hasRefusedSecret(tag, context("registry.acme.com/team-b")), false);
  });

  it("asks for a pull secret when secrets may not be read", () => {
    const unread = { namespace: "shop", keys: undefined };

    assert.match(
      describeImportFailure(tag, denied, unread),
      /Is there a pull secret for registry\.acme\.com\/acme\/web in namespace shop\?/,
    );
    assert.equal(hasRefusedSecret(tag, unread), false);
  });

  it("takes a refusal for passing only where the same program may create the secret", () => {
    assert.equal(mayLackPullSecret(denied), true);
    assert.equal(mayLackPullSecret({ ...denied, code: "IMPORT_NOT_FOUND" }), false);
  });

  const misspelt =
    /answers in the same way .* Most likely there is no (\S+): check its spelling\. If it is private: /;
  const hidden = /answers in the same way .* Check the spelling of (\S+) too/;
  const causes: readonly (readonly [string, readonly string[], RegExp | undefined, string?])[] = [
    ["nginxx:1", [], misspelt, "docker.io/library/nginxx"],
    ["acme/web:v1", [], misspelt, "docker.io/acme/web"],
    ["quay.io/acme/webb:v1", [], misspelt, "quay.io/acme/webb"],
    ["public.ecr.aws/acme/web:v1", [], misspelt, "public.ecr.aws/acme/web"],
    ["ghcr.io/acme/web:v1", [], hidden, "ghcr.io/acme/web"],
    ["ghcr.io/acme/web:v1", ["ghcr.io"], misspelt, "ghcr.io/acme/web"],
    ["registry.gitlab.com/acme/web:v1", [], hidden, "registry.gitlab.com/acme/web"],
    ["123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:v1", [], hidden],
    ["acme.azurecr.io/web:v1", [], hidden],
    ["europe-docker.pkg.dev/acme/web/app:v1", [], hidden],
    ["eu.gcr.io/acme/web:v1", [], hidden],
    ["registry.redhat.io/ubi9/ubi:9", [], hidden],
    ["registry.acme.com/acme/web:v1", [], undefined],
    ["fakequay.io/acme/web:v1", [], undefined],
  ];
  for (const [image, keys, says, repository] of causes) {
    const found = keys.length === 0 ? "without a key" : `with the key ${keys.join()}`;
    it(`says of ${image} ${found} that it may ${says === undefined ? "be private" : "not exist"}`, () => {
      const text = describeImportFailure(desiredTag("v1", { image }), denied, context(...keys));

      if (says === undefined) assert.doesNotMatch(text, /spelling/);
      else assert.match(text, says);
      if (repository !== undefined) assert.equal(says?.exec(text)?.[1], repository);
      assert.match(text, /pull secret/);
    });
  }
});
