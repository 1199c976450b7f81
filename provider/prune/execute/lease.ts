import type { RequestOptions } from "../../okd/requestOptions.js";
import type { PruneLease } from "../ports.js";
import type { PruneFailure } from "./failure.js";

/**
 * Does the work while holding the lease, and releases it in every case. The work's signal fires with the caller's and when
 * the lease is lost, which is added to the failures.
 * @throws ImageError PRUNE_BUSY while another run holds it
 */
export async function underLease<Outcome extends { readonly failures: readonly PruneFailure[] }>(
  lease: PruneLease,
  options: RequestOptions & { readonly holder: string },
  work: (signal: AbortSignal) => Promise<Outcome>,
): Promise<Outcome> {
  const held = await lease.acquire(options);
  try {
    const outcome = await work(AbortSignal.any([options.signal, held.lost]));
    if (!held.lost.aborted) return outcome;
    return { ...outcome, failures: [...outcome.failures, { kind: "lease", cause: held.lost.reason }] };
  } finally {
    await held.release();
  }
}
