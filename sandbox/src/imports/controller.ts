import { imageGroup, type ImageStream, type TagReference } from "../images/stream/types.js";
import type { KubeObject } from "../kube/model/object.js";
import type { ResourceContext } from "../kube/model/resource.js";
import { createImport, importKind, type ImportParts } from "./create.js";

/** The part of openshift-controller-manager that matters: imports the tags that a write left without an image. */
export interface ImportController {
  /** Resolves when no import is under way. */
  settled(): Promise<void>;
}

export function startImportController(parts: ImportParts): ImportController {
  const running = new Set<Promise<void>>();
  parts.store.onWrite((resource, object) => {
    if (resource !== `imagestreams.${imageGroup}`) return;
    const stream = object as ImageStream;
    const images = (stream.spec.tags ?? [])
      .filter((reference) => isPending(stream, reference))
      .map(imageImport);
    if (images.length === 0) return;
    const run = importOnce(parts, stream, images).finally(() => running.delete(run));
    running.add(run);
  });
  return {
    settled: async () => {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

/** Failures are recorded on the stream; after a conflict the other write starts a run of its own. */
async function importOnce(parts: ImportParts, stream: ImageStream, images: readonly object[]): Promise<void> {
  const { name, namespace, resourceVersion } = stream.metadata;
  const body = {
    kind: importKind.kind,
    apiVersion: `${imageGroup}/v1`,
    metadata: { name, namespace, resourceVersion },
    spec: { import: true, images },
  } as unknown as KubeObject;
  await new Promise(setImmediate);
  await createImport(parts, body, controllerContext(namespace)).catch(() => undefined);
}

function controllerContext(namespace: string | undefined): ResourceContext {
  return {
    user: {
      name: "system:serviceaccount:openshift-infra:image-import-controller",
      groups: ["system:masters"],
    },
    namespace,
    query: new URLSearchParams({ timeout: "1h" }),
    dryRun: false,
    userAgent: "openshift-controller-manager",
    signal: new AbortController().signal,
  };
}

function isPending(stream: ImageStream, { name, from, reference, generation }: TagReference): boolean {
  if (from?.kind !== "DockerImage" || reference === true) return false;
  const history = stream.status.tags?.find((entry) => entry.tag === name);
  const seen = [
    history?.items?.[0]?.generation,
    ...(history?.conditions ?? []).map((condition) => condition.generation),
  ];
  return (generation ?? 0) > Math.max(0, ...seen.map((value) => value ?? 0));
}

function imageImport({ name, from, importPolicy, referencePolicy }: TagReference): object {
  return { from, to: { name }, importPolicy, referencePolicy };
}
