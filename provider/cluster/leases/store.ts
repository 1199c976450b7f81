import type { ApiAnswer, ApiRequest, ClusterClient } from "../api/client.js";
import { isApiError } from "../api/error.js";

/** The part of a coordination.k8s.io/v1 Lease that matters here; all other fields are sent back as they came. */
export interface Lease {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly resourceVersion?: string;
    readonly creationTimestamp?: string;
  };
  readonly spec?: LeaseSpec;
}

export interface LeaseSpec {
  /** Absent or empty: nobody holds it. */
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  /** RFC 3339 with microseconds. */
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

/** One Lease object of a cluster, and the clock of the server that keeps it. */
export interface LeaseStore {
  /** `namespace/name`. */
  readonly key: string;
  /** Undefined only on a proven 404, which says nothing about the namespace. */
  read(signal: AbortSignal): Promise<Lease | undefined>;
  /** Undefined when the namespace does not exist. @throws ImageError API_CONFLICT when the lease exists by now */
  create(spec: LeaseSpec, signal: AbortSignal): Promise<Lease | undefined>;
  /** @throws ImageError API_CONFLICT when somebody else wrote meanwhile */
  replace(lease: Lease, signal: AbortSignal): Promise<Lease>;
  /** The server's time, milliseconds since 1970: the Date of its last answer and what has passed since. */
  serverNow(): number;
}

const group = "coordination.k8s.io";
const apiVersion = `${group}/v1`;
const timeoutMs = 10_000;

/** Before `serverNow` is asked, one of the others must have answered a lease. */
export function openLeaseStore(client: ClusterClient, namespace: string, name: string): LeaseStore {
  const leases = `/apis/${apiVersion}/namespaces/${encodeURIComponent(namespace)}/leases`;
  const path = `${leases}/${encodeURIComponent(name)}`;
  const key = `${namespace}/${name}`;
  let seen = { serverTime: Number.NaN, at: 0 };
  const send = async (request: Omit<ApiRequest, "timeoutMs">): Promise<Lease> => {
    const answer = await client.requestWithHeaders<Lease>({ ...request, timeoutMs });
    seen = { serverTime: dateOf(answer), at: performance.now() };
    return answer.body;
  };
  return {
    key,
    read: (signal) =>
      unlessAbsent("leases", send({ method: "GET", path, signal, attempted: `read Lease ${key}` })),
    create: (spec, signal) => {
      const body = { apiVersion, kind: "Lease", metadata: { name, namespace }, spec };
      const attempted = `create Lease ${key}`;
      return unlessAbsent("namespaces", send({ method: "POST", path: leases, body, signal, attempted }));
    },
    replace: (body, signal) => send({ method: "PUT", path, body, signal, attempted: `update Lease ${key}` }),
    serverNow: () => seen.serverTime + performance.now() - seen.at,
  };
}

/** Some proxies drop the Date; then the time of receipt counts. */
function dateOf({ headers }: ApiAnswer<unknown>): number {
  const date = Date.parse(String(headers.date));
  return Number.isNaN(date) ? Date.now() : date;
}

/** A 404 counts only when it comes from the API server and is about that kind of object. */
async function unlessAbsent(kind: "leases" | "namespaces", sent: Promise<Lease>): Promise<Lease | undefined> {
  try {
    return await sent;
  } catch (error) {
    const isAbsent =
      isApiError(error) && error.httpStatus === 404 && error.isStatus && error.status.details?.kind === kind;
    if (isAbsent) return undefined;
    throw error;
  }
}
