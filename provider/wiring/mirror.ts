import type { ConnectedCluster } from "../cluster/connection/open.js";
import type { Mirror, MirrorOrder } from "../imports/ports.js";
import { mirrorWording } from "../registry/integrated/refusal.js";
import { openIntegratedPulls } from "../registry/integratedPull.js";
import { createMirror } from "../registry/mirror.js";
import { openOnce } from "../support/async/memoized.js";
import { pullAccess } from "./pullAccess.js";

/** Wires the integrated registry of a cluster for copies of imported images. It is looked for once. */
export function clusterMirror(connected: ConnectedCluster, onSecret: (secret: string) => void): Mirror {
  const access = pullAccess(connected, mirrorWording, onSecret);
  const noLogin = { username: undefined, password: undefined, token: undefined };
  return createMirror(
    openOnce(
      ({ registry, stream }: MirrorOrder) => openIntegratedPulls({ ...registry, ...noLogin }, stream, access),
      ({ registry }) => JSON.stringify(registry),
    ),
  );
}
