import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LoggedRequest } from "okd-image-sandbox";
import { parseApiPath } from "okd-image-sandbox/internal/kube/api/path";
import { createClusterConnector } from "../../../provider/cluster/connection/open.js";
import { clusterObjects } from "../../../provider/cluster/lists/objects.js";
import type { JsonObject } from "../../../provider/lifecycle/wire.js";
import type { AccessRight } from "../../../provider/okd/accessRights.js";
import { requiredRights } from "../../../provider/prune/check/preflight.js";
import { listRights } from "../../../provider/prune/survey/rights.js";
import { strictPolicy } from "../../support/builders/snapshot.js";
import { repositoryRoot } from "../../support/repositoryRoot.js";
import { type PruneWorld, repositoryHost, startPruneWorld } from "../../support/worlds/prune.js";

const options = { signal: new AbortController().signal };

/** `update imagestreams/status.image.openshift.io in openshift-image-registry` */
function textOf({ verb, group, resource, subresource, namespace }: AccessRight): string {
  const name = `${resource}${subresource === undefined ? "" : `/${subresource}`}`;
  const where = namespace === undefined ? "" : ` in ${namespace}`;
  return `${verb} ${name}${group === "" ? "" : `.${group}`}${where}`;
}

/** The rows of the table in docs/reference/rights.md; what has no name of its own is passed over. */
function documentedRights(): readonly AccessRight[] {
  const page = readFileSync(join(repositoryRoot, "docs/reference/rights.md"), "utf8");
  const [, section = ""] = page.split("\n## To prune\n");
  const [text = ""] = section.split("\n## ");
  const rows = text
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) => line.split("|").map((cell) => cell.trim()));
  return rows.flatMap(([, verbs = "", resources = ""]) =>
    resources.startsWith("the ") ? [] : resources.split(";").flatMap((part) => rightsIn(verbs, part)),
  );
}

function rightsIn(verbs: string, part: string): readonly AccessRight[] {
  const [, group = ""] = /\(`([^`]+)`\)/.exec(part) ?? [];
  const [, namespace] = / in `([^`]+)`/.exec(part) ?? [];
  const [names = ""] = part.split(/ \(| in /);
  return [...names.matchAll(/`([^`]+)`/g)].flatMap(([, name = ""]) =>
    verbs.split(", ").map((verb): AccessRight => {
      const [resource = "", subresource] = name.split("/");
      return {
        verb: verb as AccessRight["verb"],
        group,
        resource,
        ...(subresource === undefined ? {} : { subresource }),
        ...(namespace === undefined ? {} : { namespace }),
      };
    }),
  );
}

/** Used where they are granted: the paragraph behind the table. */
const optional = [
  /^get images\.config\.openshift\.io$/,
  /^get clusterversions\.|^get clusteroperators\.|^get imagepruners\./,
  /^(?:list|get) routes\.|^get services$/,
  /^get namespaces$/,
  /^create selfsubjectaccessreviews\./,
  /^list customresourcedefinitions\.apiextensions\.k8s\.io$/,
];

/** Of the custom resources that this cluster serves, those that can hold an image; cluster-reader can list them. */
const customLists: readonly AccessRight[] = ["clusterversions", "images"].map((resource) => ({
  verb: "list",
  group: "config.openshift.io",
  resource,
}));

/** Without it all custom resources are read. */
const listDefinitions: AccessRight = {
  verb: "list",
  group: "apiextensions.k8s.io",
  resource: "customresourcedefinitions",
};

describe("the rights that a prune needs", () => {
  let world: PruneWorld;
  let token: string;
  let digests: readonly string[];
  let blob: string;

  beforeEach(async () => {
    world = await startPruneWorld();
    const pushed = world.pushWeb(60, 50, 40);
    digests = pushed.map(({ digest }) => digest);
    blob = pushed[2]?.configDigest ?? "";
    world.runPod("web", `${repositoryHost}/shop/web@${digests[0] ?? ""}`);
    token = world.sandbox.addToken("pruner");
    world.beginRun();
  });
  afterEach(() => world.close());

  const policy = (more: object = {}) => ({
    connection: { ...world.connection, token },
    keepTagRevisions: 1,
    limits: { fraction: 1 },
    registry: { url: world.sandbox.integratedRegistry.url, caCert: world.sandbox.certificateAuthority },
    ...more,
  });
  function grant(rights: readonly AccessRight[]): void {
    for (const { verb, group, resource, subresource, namespace } of rights) {
      world.sandbox.grant("pruner", {
        verbs: [verb],
        apiGroups: [group],
        resources: [subresource === undefined ? resource : `${resource}/${subresource}`],
        ...(namespace === undefined ? {} : { namespaces: [namespace] }),
      });
    }
  }

  /** What a request needed, as far as it got what it wanted. */
  function rightOf({ method, path, query, server }: LoggedRequest): string | undefined {
    if (server === "integrated") {
      return /^\/v2\/.+\/(?:manifests|blobs)\//.test(path) && ["GET", "HEAD"].includes(method)
        ? "get imagestreams/layers.image.openshift.io"
        : undefined;
    }
    const parsed = parseApiPath(path);
    if (parsed === undefined || parsed.resource === "") return undefined;
    const verbs = { POST: "create", PUT: "update", DELETE: "delete" } as Readonly<Record<string, string>>;
    const verb = verbs[method] ?? (parsed.name === undefined || query.includes("watch=") ? "list" : "get");
    const { group, resource, subresource, namespace } = parsed;
    const isLease = resource === "leases" && namespace !== undefined;
    return textOf({
      verb: verb as AccessRight["verb"],
      group,
      resource,
      ...(subresource === undefined ? {} : { subresource }),
      ...(isLease ? { namespace } : {}),
    });
  }

  async function asked(): Promise<readonly string[]> {
    const { client } = await createClusterConnector().open(
      world.connection as JsonObject,
      () => undefined,
      options.signal,
    );
    const request = {
      rules: "safe",
      namespace: undefined,
      extraReferences: [],
      allowUnreadable: [],
      skipKinds: [],
    } as const;
    const lists = await listRights(clusterObjects(client), request, options);
    return [...lists, ...requiredRights(strictPolicy())].map(textOf).sort();
  }

  it("are those of the documented table, and of no other", async () => {
    const known = [...documentedRights(), ...customLists];
    assert.deepEqual(known.map(textOf).sort(), await asked());
  });

  it("are enough, and each right is used", async () => {
    grant([...documentedRights(), ...customLists, listDefinitions]);
    world.sandbox.onRequest({ server: "integrated", method: "DELETE", path: `/admin/blobs/${blob}` }, () => {
      world.push("shop/again:v1", { layers: ["base", "web 60", "more"] });
    });
    world.sandbox.requests.clear();
    const pulumi = world.pulumi();
    await pulumi.preview(policy());
    await pulumi.up(policy());

    assert.equal(world.history("shop/web:latest").length, 1);
    const requests = world.sandbox.requests
      .matching({})
      .filter(({ userAgent }) => userAgent.startsWith("pulumi-okd-images"));
    const used = new Set(requests.flatMap((request) => rightOf(request) ?? []));
    const documented = [...documentedRights(), ...customLists].map(textOf);
    assert.deepEqual(
      documented.filter((right) => !used.has(right)),
      [],
      "documented and not used",
    );
    assert.deepEqual(
      [...used].filter(
        (right) => !documented.includes(right) && !optional.some((known) => known.test(right)),
      ),
      [],
      "used and not documented",
    );
  });

  it("are named all at once when they are missing, whatever was refused first", async () => {
    const lacking = [
      "list clusterversions.config.openshift.io",
      "list nodes",
      "list controllerrevisions.apps",
      "get imagestreams/layers.image.openshift.io",
    ];
    grant(
      [...documentedRights(), ...customLists, listDefinitions].filter(
        (right) => !lacking.includes(textOf(right)) && right.resource !== "leases",
      ),
    );
    const { failures } = await world.pulumi().preview(policy());

    assert.equal(failures.length, 1);
    for (const right of [
      ...lacking,
      "create leases.coordination.k8s.io in namespace openshift-image-registry",
    ]) {
      assert.ok(failures[0]?.includes(right), failures[0]);
    }
    assert.match(failures[0] ?? "", /allowUnreadable.*\[PRUNE_PERMISSION\]$/);
    assert.doesNotMatch(failures[0] ?? "", /list pods/);
  });

  it("are those of every custom resource where the definitions may not be listed", async () => {
    grant([...documentedRights(), ...customLists]);
    const { failures } = await world.pulumi().preview(policy());

    assert.match(
      failures.join(),
      /may not list clusteroperators\.config\.openshift\.io; .*list imagepruners\..*cluster-reader/,
    );
    assert.doesNotMatch(failures.join(), /list clusterversions/);
  });

  it("are only those of the lists for a report", async () => {
    const { failures } = await world.pulumi().preview(policy({ mode: "report" }));

    assert.match(failures.join(), /may not list images\.image\.openshift\.io;.*list nodes/);
    assert.doesNotMatch(failures.join(), /delete|leases|layers/);
  });

  it("include no Lease under oc's rules, which touch none", async () => {
    grant(documentedRights().filter(({ resource }) => resource !== "leases"));
    world.sandbox.requests.clear();
    const { connection, registry } = policy();
    await world.pulumi().up({ connection, registry, rules: "oc", keepTagRevisions: 1 });

    assert.equal(world.history("shop/web:latest").length, 1);
    assert.deepEqual(world.sandbox.requests.matching({ path: /leases/ }), []);
  });
});
