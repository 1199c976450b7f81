import type { ApiResource, ClusterObjects, ListOptions } from "../../../provider/okd/objects.js";
import type { SurveyOptions, SurveyRequest } from "../../../provider/prune/survey/request.js";
import { ImageError } from "../../../provider/support/imageError.js";
import { textAt } from "../../../provider/support/json.js";

export const serverTime = Date.parse("2026-11-21T08:17:30Z");

/** A cluster for the loader: raw objects by `resource.group`, and how requests fail. */
export interface FakeCluster {
  readonly objects: Readonly<Record<string, readonly object[]>>;
  /** Not served although `objects` may have some. */
  readonly unserved?: readonly string[];
  /** Resources whose every read fails. */
  readonly failing?: Readonly<Record<string, Error>>;
  /** Other resources, as discovery lists them. */
  readonly served?: readonly ApiResource[];
  readonly kinds?: Readonly<Record<string, ApiResource>>;
  readonly serverTimes?: Readonly<Record<string, number>>;
}

export interface RecordingObjects extends ClusterObjects {
  /** Beginnings and ends of lists, and reads of single objects, in order: `list pods`, `listed pods`, `get nodes/a`. */
  readonly calls: readonly string[];
}

export function fakeObjects(cluster: FakeCluster): RecordingObjects {
  const calls: string[] = [];
  const nameOf = ({ group, resource }: ApiResource) => (group === "" ? resource : `${resource}.${group}`);
  const failIfAsked = (name: string) => {
    const failure = cluster.failing?.[name];
    if (failure !== undefined) throw failure;
  };
  const inScope = (name: string, namespace: string | undefined) =>
    (cluster.objects[name] ?? []).filter(
      (object) => namespace === undefined || textAt(object, "metadata", "namespace") === namespace,
    );
  return {
    calls,
    serves: (resource) => Promise.resolve(cluster.unserved?.includes(nameOf(resource)) !== true),
    servedKinds: () => Promise.resolve((cluster.served ?? []).map((served) => ({ kind: "", ...served }))),
    resourceOfKind: ({ apiVersion, kind }) => Promise.resolve(cluster.kinds?.[`${apiVersion} ${kind}`]),
    async list(resource, options: ListOptions) {
      const name = nameOf(resource);
      const scope = options.namespace === undefined ? "" : ` in ${options.namespace}`;
      calls.push(`list ${name}${scope}${options.metadataOnly === true ? " (metadata)" : ""}`);
      await new Promise(setImmediate);
      options.signal.throwIfAborted();
      failIfAsked(name);
      const found = inScope(name, options.namespace);
      const middle = Math.ceil(found.length / 2);
      options.onPage(found.slice(0, middle));
      if (middle > 0) options.onPage(found.slice(middle));
      calls.push(`listed ${name}`);
      return {
        count: found.length,
        bytes: 100 * found.length,
        serverTime: cluster.serverTimes?.[name] ?? serverTime,
      };
    },
    async get(resource, name, { namespace }) {
      calls.push(`get ${nameOf(resource)}/${name}`);
      await new Promise(setImmediate);
      failIfAsked(nameOf(resource));
      const found = inScope(nameOf(resource), namespace);
      return found.find((object) => textAt(object, "metadata", "name") === name);
    },
  };
}

export const safeRequest: SurveyRequest = {
  rules: "safe",
  namespace: undefined,
  extraReferences: [],
  allowUnreadable: [],
  skipKinds: [],
};

export function surveyOptions(changes: Partial<SurveyOptions> = {}): SurveyOptions {
  return {
    signal: new AbortController().signal,
    progress: () => undefined,
    now: () => serverTime,
    ...changes,
  };
}

export const forbidden = new ImageError("API_FORBIDDEN", "Cannot list it: no");
export const unavailable = new ImageError("API_ERROR", "Cannot list it: service unavailable");

/** A digest that says what it is of. */
export function digest(name: string): string {
  return `sha256:${Buffer.from(name).toString("hex").padEnd(64, "0").slice(0, 64)}`;
}

export function rawImage(name: string, changes: object = {}): object {
  return {
    metadata: {
      name: digest(name),
      uid: `uid-${name}`,
      creationTimestamp: "2026-11-01T00:00:00Z",
      annotations: { "openshift.io/image.managed": "true" },
    },
    dockerImageReference: `registry.svc:5000/shop/web@${digest(name)}`,
    dockerImageMetadata: { Id: digest(`config ${name}`), Size: 700 },
    dockerImageLayers: [
      { name: digest("base"), size: 300 },
      { name: digest(`layer ${name}`), size: 400 },
    ],
    dockerImageManifestMediaType: "application/vnd.oci.image.manifest.v1+json",
    ...changes,
  };
}

export function rawStream(namespace: string, name: string, images: readonly string[]): object {
  return {
    metadata: {
      namespace,
      name,
      resourceVersion: "7",
      creationTimestamp: "2026-10-01T00:00:00Z",
      labels: { team: "a" },
    },
    spec: {
      tags: [{ name: "latest", from: { kind: "DockerImage", name: "quay.io/a/b:latest" }, reference: true }],
    },
    status: {
      dockerImageRepository: `registry.svc:5000/${namespace}/${name}`,
      publicDockerImageRepository: `registry.apps.example.com/${namespace}/${name}`,
      tags: [
        {
          tag: "latest",
          items: images.map((image) => ({
            image: digest(image),
            created: "2026-10-02T00:00:00Z",
            dockerImageReference: `registry.svc:5000/${namespace}/${name}@${digest(image)}`,
          })),
        },
      ],
    },
  };
}

export function rawPod(namespace: string, name: string, image: string): object {
  return {
    metadata: { namespace, name, creationTimestamp: "2026-11-20T00:00:00Z" },
    spec: { containers: [{ name: "app", image }] },
    status: { phase: "Running" },
  };
}
