import assert from "node:assert/strict";
import { once } from "node:events";
import { clusterPruneLease, type LeaseTiming } from "../../../../provider/cluster/leases/pruneLease.js";
import type { Lease, LeaseSpec } from "../../../../provider/cluster/leases/store.js";
import type { HeldLease } from "../../../../provider/prune/ports.js";
import { hasCode, type ImageError } from "../../../../provider/support/imageError.js";
import { clientFor, never } from "../../../support/clients/cluster.js";
import {
  type Answer,
  failure,
  type SeenRequest,
  startServer,
  type TestServer,
} from "../../../support/servers/scripted.js";

const usual = "/apis/coordination.k8s.io/v1/namespaces/openshift-image-registry/leases";
const fallback = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
const name = "pulumi-okd-images-prune";
/** Years away from this machine's clock. */
const serverTime = Date.parse("2031-03-03T12:00:00Z");
const fast: LeaseTiming = { durationSeconds: 0.6, renewSeconds: 0.02 };

/** One Lease with the rules of the API server that matter: versions, and a clock of its own. */
class LeaseApi {
  lease: Lease | undefined;
  namespaces = [usual, fallback];
  clock = serverTime;
  /** Answers instead of the rules when it has an answer. */
  override: (request: SeenRequest) => Answer | undefined = () => undefined;
  #version = 1;

  readonly respond = (request: SeenRequest): Answer => {
    const answer = this.override(request) ?? this.#answer(request);
    return { ...answer, headers: { date: new Date(this.clock).toUTCString(), ...answer.headers } };
  };

  put(spec: LeaseSpec): void {
    const created = new Date(this.clock).toISOString();
    this.#version += 1;
    const metadata = { name, namespace: "n", resourceVersion: String(this.#version) };
    this.lease = { metadata: { ...metadata, creationTimestamp: created }, spec };
  }

  #answer({ method, url, body }: SeenRequest): Answer {
    const details = { name, group: "coordination.k8s.io", kind: "leases" };
    const namespace = this.namespaces.find((each) => url === each || url === `${each}/${name}`);
    if (method === "POST") {
      if (namespace === undefined) {
        return failure(404, "NotFound", "namespaces not found", { name: "n", kind: "namespaces" });
      }
      if (this.lease !== undefined) return failure(409, "AlreadyExists", "already exists", details);
      this.put((JSON.parse(body) as Lease).spec ?? {});
      return { status: 201, body: this.lease };
    }
    if (this.lease === undefined || namespace === undefined) {
      return failure(404, "NotFound", "leases not found", details);
    }
    if (method === "PUT") {
      const written = JSON.parse(body) as Lease;
      if (written.metadata.resourceVersion !== this.lease.metadata.resourceVersion) {
        return failure(409, "Conflict", "the object has been modified", details);
      }
      this.put(written.spec ?? {});
    }
    return { body: this.lease };
  }
}

describe("clusterPruneLease", () => {
  let api: LeaseApi;
  let server: TestServer;
  let held: HeldLease[];
  before(async () => {
    server = await startServer((request) => api.respond(request));
  });
  after(() => server.close());
  beforeEach(() => {
    api = new LeaseApi();
    held = [];
    server.seen.length = 0;
  });
  afterEach(async () => {
    await Promise.all(held.map((lease) => lease.release()));
  });

  async function acquire(holder = "stack one", timing?: LeaseTiming): Promise<HeldLease> {
    const lease = await clusterPruneLease(clientFor(server.url), timing).acquire({ holder, signal: never });
    held.push(lease);
    return lease;
  }
  const lines = (): readonly string[] => server.seen.map(({ method, url }) => `${method} ${url}`);
  const specNow = (): LeaseSpec => api.lease?.spec ?? {};
  const holderNow = (): string => specNow().holderIdentity ?? "";

  it("creates the lease without a time of this machine", async () => {
    await acquire();
    assert.deepEqual(lines(), [`GET ${usual}/${name}`, `POST ${usual}`]);
    assert.match(holderNow(), /^stack one \(run [0-9a-f]{8}\)$/);
    assert.deepEqual(Object.keys(api.lease?.spec ?? {}).sort(), ["holderIdentity", "leaseDurationSeconds"]);
    assert.equal(api.lease?.spec?.leaseDurationSeconds, 60);
  });

  it("meets the others in `default` where the registry has no namespace", async () => {
    api.namespaces = [fallback];
    await acquire();
    assert.equal(lines().at(-1), `POST ${fallback}`);
    await assert.rejects(acquire("stack two"), (error) => hasCode(error, "PRUNE_BUSY"));
  });

  it("gives up when there is neither namespace", async () => {
    api.namespaces = [];
    await assert.rejects(acquire(), (error) => hasCode(error, "API_ERROR"));
  });

  it("releases the lease, and then another run gets it", async () => {
    const first = await acquire();
    await first.release();
    assert.equal(holderNow(), "");
    await acquire("stack two");
    assert.match(holderNow(), /^stack two/);
    const { leaseTransitions, renewTime = "" } = specNow();
    assert.equal(leaseTransitions, 1);
    assert.match(renewTime, /^2031-03-03T12:00:0\d\.\d{6}Z$/);
  });

  it("names the holder and the times of the lease by the server's clock", async () => {
    await acquire();
    api.clock += 59_000;
    await assert.rejects(acquire("stack two"), (error: ImageError) => {
      assert.equal(error.code, "PRUNE_BUSY");
      assert.match(
        error.message,
        /stack one \(run \w+\) has been pruning this cluster since 2031-03-03T12:00:00/,
      );
      assert.match(error.message, /free at 2031-03-03T12:01:00/);
      return true;
    });
  });

  it("takes over a lease that has expired by the server's clock", async () => {
    api.put({
      ...{ holderIdentity: "dead", leaseDurationSeconds: 30, leaseTransitions: 4 },
      ...{ acquireTime: "2031-03-03T11:00:00.000000Z", renewTime: "2031-03-03T11:59:50.000000Z" },
    });
    await assert.rejects(acquire(), (error) => hasCode(error, "PRUNE_BUSY"));
    api.clock += 21_000;
    await acquire();
    assert.match(holderNow(), /^stack one/);
    assert.equal(api.lease?.spec?.leaseTransitions, 5);
  });

  for (const [what, spec] of [
    ["nothing about time", { holderIdentity: "somebody" }],
    ["a time that is none", { holderIdentity: "somebody", renewTime: "yesterday" }],
  ] as const) {
    it(`does not take a lease for free that has ${what}`, async () => {
      api.put(spec);
      api.lease = { ...api.lease, metadata: { name, namespace: "n", resourceVersion: "2" } };
      await assert.rejects(acquire(), /somebody holds .* oc delete lease .* \[PRUNE_BUSY\]/);
      assert.equal(holderNow(), "somebody");
    });
  }

  it("does not release a lease that another run has taken in the same moment", async () => {
    const lease = await acquire();
    const other = { holderIdentity: "another run", renewTime: "2031-03-03T12:00:00.000000Z" };
    let reads = 0;
    api.override = ({ method }) => {
      if (method !== "GET") return undefined;
      reads += 1;
      const answer = { body: api.lease };
      api.put(other);
      return answer;
    };
    await lease.release();
    assert.equal(reads, 1);
    assert.equal(holderNow(), "another run");
  });

  it("names the winner of a race", async () => {
    api.override = ({ method }) => {
      if (method !== "POST") return undefined;
      api.override = () => undefined;
      api.put({ holderIdentity: "faster" });
      return undefined;
    };
    await assert.rejects(acquire(), /faster has been pruning this cluster since 2031.* \[PRUNE_BUSY\]/);
  });

  it("does not race for ever", async () => {
    api.put({});
    api.override = ({ method }) => (method === "PUT" ? failure(409, "Conflict", "modified") : undefined);
    await assert.rejects(acquire(), (error) => hasCode(error, "API_CONFLICT"));
    assert.equal(lines().length, 10);
  });

  it("does not take a forbidden lease for a free one", async () => {
    api.override = () => failure(403, "Forbidden", 'User "bob" cannot get resource "leases"');
    await assert.rejects(acquire(), (error) => hasCode(error, "API_FORBIDDEN"));
  });

  describe("while held", () => {
    const writes = () => server.seen.filter(({ method }) => method === "PUT").length;
    const until = async (condition: () => boolean) => {
      while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
    };

    it("is renewed by the server's clock", async () => {
      const lease = await acquire("stack one", fast);
      api.clock += 7_000;
      await until(() => writes() >= 2);
      assert.equal(lease.lost.aborted, false);
      assert.match(api.lease?.spec?.renewTime ?? "", /^2031-03-03T12:00:07/);
    });

    it("is lost when another run has taken it", async () => {
      const lease = await acquire("stack one", fast);
      api.put({ holderIdentity: "stack two" });
      await once(lease.lost, "abort");
      assert.ok(hasCode(lease.lost.reason, "PRUNE_LEASE_LOST"));
      assert.match(String(lease.lost.reason), /belongs to stack two by now/);
      await lease.release();
      assert.equal(holderNow(), "stack two");
    });

    it("is lost when somebody has deleted it", async () => {
      const lease = await acquire("stack one", fast);
      api.lease = undefined;
      await once(lease.lost, "abort");
      assert.match(String(lease.lost.reason), /belongs to nobody by now/);
    });

    it("outlives failures that pass, a conflict with somebody who only annotates among them", async () => {
      const lease = await acquire("stack one", fast);
      let failures = 3;
      api.override = ({ method }) => {
        if (method !== "PUT" || failures === 0) return undefined;
        failures -= 1;
        return failures === 1 ? { cut: true } : failure(409, "Conflict", "modified");
      };
      await until(() => failures === 0 && writes() >= 5);
      assert.equal(lease.lost.aborted, false);
    });

    it("is lost before it expires when it cannot be renewed", async () => {
      const lease = await acquire("stack one", { durationSeconds: 0.1, renewSeconds: 0.02 });
      api.override = () => failure(500, "InternalError", "etcd is down");
      await once(lease.lost, "abort");
      assert.ok(hasCode(lease.lost.reason, "PRUNE_LEASE_LOST"));
      assert.match(String(lease.lost.reason), /could not be renewed/);
    });

    it("is released without a failure when the server is gone", async () => {
      const lease = await acquire();
      api.override = () => failure(403, "Forbidden", "no");
      await lease.release();
    });
  });
});
