import { randomUUID } from "node:crypto";
import type { HeldLease, PruneLease } from "../../prune/ports.js";
import { sleep, withDeadline } from "../../support/async/abortable.js";
import { hasCode, ImageError } from "../../support/imageError.js";
import { excerpt } from "../../support/text/excerpt.js";
import type { ClusterClient } from "../api/client.js";
import { type Lease, type LeaseSpec, type LeaseStore, openLeaseStore } from "./store.js";

/** Whole seconds, as a Lease has them. */
export interface LeaseTiming {
  /** After so long without a renewal the lease is free. */
  readonly durationSeconds: number;
  readonly renewSeconds: number;
}

const leaseName = "pulumi-okd-images-prune";
/** The first one that exists is used, so that all runs in a cluster meet in one place; every cluster has the second. */
const namespaces = ["openshift-image-registry", "default"];
const usualTiming: LeaseTiming = { durationSeconds: 60, renewSeconds: 20 };
const maxAttempts = 5;

/**
 * The Lease `pulumi-okd-images-prune`. Whether it has expired is judged by the server's clock alone, for the clocks of
 * two machines may differ by more than a lease lasts.
 */
export function clusterPruneLease(client: ClusterClient, timing: LeaseTiming = usualTiming): PruneLease {
  return {
    async acquire({ holder: who, signal }) {
      const holder = `${who} (run ${randomUUID().slice(0, 8)})`;
      for (const namespace of namespaces) {
        const store = openLeaseStore(client, namespace, leaseName);
        if (await acquireFrom(store, { holder, timing, signal })) return hold(store, holder, timing);
      }
      throw new ImageError("API_ERROR", `Cannot prune: there is no namespace ${namespaces.join(" and no ")}`);
    },
  };
}

interface Acquisition {
  readonly holder: string;
  readonly timing: LeaseTiming;
  readonly signal: AbortSignal;
}

/** False when the namespace does not exist. @throws ImageError PRUNE_BUSY */
async function acquireFrom(store: LeaseStore, acquisition: Acquisition): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await acquireOnce(store, acquisition);
    } catch (error) {
      // Somebody else was faster: the next read tells who, or that it was no run at all.
      if (!hasCode(error, "API_CONFLICT") || attempt === maxAttempts) throw error;
    }
  }
}

async function acquireOnce(store: LeaseStore, { holder, timing, signal }: Acquisition): Promise<boolean> {
  const claim: LeaseSpec = { holderIdentity: holder, leaseDurationSeconds: timing.durationSeconds };
  const found = await store.read(signal);
  if (found === undefined) return (await store.create(claim, signal)) !== undefined;
  refuseWhileHeld(found, store);
  const now = microTime(store.serverNow());
  const leaseTransitions = (found.spec?.leaseTransitions ?? 0) + 1;
  await store.replace(
    { ...found, spec: { ...claim, acquireTime: now, renewTime: now, leaseTransitions } },
    signal,
  );
  return true;
}

function refuseWhileHeld({ metadata, spec = {} }: Lease, store: LeaseStore): void {
  const { holderIdentity = "", leaseDurationSeconds = usualTiming.durationSeconds } = spec;
  if (holderIdentity === "") return;
  // A lease that was just created has no time but the one that the server gave it.
  const acquired = spec.acquireTime ?? metadata.creationTimestamp ?? "";
  const expires = Date.parse(spec.renewTime ?? acquired) + leaseDurationSeconds * 1000;
  if (Number.isNaN(expires)) {
    const [namespace = "", name = ""] = store.key.split("/");
    throw new ImageError(
      "PRUNE_BUSY",
      `Cannot prune: ${excerpt(holderIdentity)} holds the Lease ${store.key}, which does not say since when or until when. ` +
        `If nobody prunes, remove it: oc delete lease ${name} -n ${namespace}`,
    );
  }
  if (store.serverNow() >= expires) return;
  throw new ImageError(
    "PRUNE_BUSY",
    `Cannot prune: ${excerpt(holderIdentity)} has been pruning this cluster since ${excerpt(acquired, 40)} (Lease ${store.key}). ` +
      `Run again when it has ended; if it was killed, the lease is free at ${new Date(expires).toISOString()}`,
  );
}

function hold(store: LeaseStore, holder: string, timing: LeaseTiming): HeldLease {
  const lost = new AbortController();
  const released = new AbortController();
  const renewing = keepRenewed(store, holder, timing, released.signal).catch((error: unknown) => {
    lost.abort(error);
  });
  return {
    lost: lost.signal,
    async release() {
      released.abort();
      await renewing;
      if (lost.signal.aborted) return;
      try {
        await giveBack(store, holder);
      } catch {
        // It expires by itself.
      }
    },
  };
}

/** Ends with the signal. @throws ImageError PRUNE_LEASE_LOST */
async function keepRenewed(
  store: LeaseStore,
  holder: string,
  { durationSeconds, renewSeconds }: LeaseTiming,
  signal: AbortSignal,
): Promise<void> {
  let renewedAt = performance.now();
  while (await waited(renewSeconds * 1000, signal)) {
    try {
      await renew(store, holder, withDeadline(signal, renewSeconds * 1000, `renewing Lease ${store.key}`));
      renewedAt = performance.now();
    } catch (cause) {
      if (signal.aborted) return;
      const unsureSeconds = (performance.now() - renewedAt) / 1000;
      if (hasCode(cause, "PRUNE_LEASE_LOST")) throw cause;
      if (unsureSeconds + renewSeconds >= durationSeconds) throw notRenewed(store, cause);
    }
  }
}

async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, signal);
    return true;
  } catch {
    return false;
  }
}

/** Reads before it writes, because a lost answer is no sign of another run. */
async function renew(store: LeaseStore, holder: string, signal: AbortSignal): Promise<void> {
  const found = await store.read(signal);
  const { holderIdentity = "" } = found?.spec ?? {};
  if (found === undefined || holderIdentity !== holder) {
    const now = holderIdentity === "" ? "nobody" : holderIdentity;
    const text = `The prune stopped: its Lease ${store.key} belongs to ${excerpt(now)} by now. Run it again`;
    throw new ImageError("PRUNE_LEASE_LOST", text);
  }
  await store.replace({ ...found, spec: { ...found.spec, renewTime: microTime(store.serverNow()) } }, signal);
}

function notRenewed(store: LeaseStore, cause: unknown): ImageError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const text = `The prune stopped: its Lease ${store.key} could not be renewed (${reason}). Run it again`;
  return new ImageError("PRUNE_LEASE_LOST", text, { cause });
}

async function giveBack(store: LeaseStore, holder: string): Promise<void> {
  const signal = AbortSignal.timeout(10_000);
  const found = await store.read(signal);
  if (found?.spec?.holderIdentity !== holder) return;
  const { holderIdentity: _, ...spec } = found.spec;
  await store.replace({ ...found, spec }, signal);
}

/** As Kubernetes writes a MicroTime: it accepts six digits of a second and no others. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}
