import type { DefinedKind } from "./definitions.js";

const text = { type: "string" };
const object = (properties: object) => ({ type: "object", properties });
const list = (items: object) => ({ type: "array", items });
const root = (spec: object, status: object) =>
  object({ apiVersion: text, kind: text, metadata: { type: "object" }, spec, status });

const conditions = list(
  object({
    type: text,
    status: { type: "string", enum: ["True", "False", "Unknown"] },
    reason: text,
    message: text,
    lastTransitionTime: { type: "string", format: "date-time" },
  }),
);
const release = object({ version: text, image: text });

const mirrors = list(object({ source: text, mirrors: list(text) }));

const config = { group: "config.openshift.io", version: "v1", namespaced: false };
const registryOperator = { ...config, group: "imageregistry.operator.openshift.io" };

/** Kinds of operators that every OKD cluster has, with as much of their schemas as tells what they can hold. */
export const operatorKinds: readonly DefinedKind[] = [
  {
    ...config,
    resource: "images",
    kind: "Image",
    schema: root(
      object({
        allowedRegistriesForImport: list(object({ domainName: text, insecure: { type: "boolean" } })),
        externalRegistryHostnames: list(text),
        additionalTrustedCA: object({ name: text }),
      }),
      object({ internalRegistryHostname: text, externalRegistryHostnames: list(text) }),
    ),
  },
  {
    ...config,
    resource: "clusterversions",
    kind: "ClusterVersion",
    schema: root(
      object({ channel: text, clusterID: text, desiredUpdate: release }),
      object({ desired: release, history: list(release), conditions }),
    ),
  },
  {
    ...config,
    resource: "imagedigestmirrorsets",
    kind: "ImageDigestMirrorSet",
    shortNames: ["idms"],
    schema: root(object({ imageDigestMirrors: mirrors }), object({})),
  },
  {
    ...config,
    resource: "imagetagmirrorsets",
    kind: "ImageTagMirrorSet",
    shortNames: ["itms"],
    schema: root(object({ imageTagMirrors: mirrors }), object({})),
  },
  {
    ...config,
    resource: "imagecontentpolicies",
    kind: "ImageContentPolicy",
    schema: root(object({ repositoryDigestMirrors: mirrors }), object({})),
  },
  {
    ...config,
    group: "operator.openshift.io",
    version: "v1alpha1",
    resource: "imagecontentsourcepolicies",
    kind: "ImageContentSourcePolicy",
    schema: root(object({ repositoryDigestMirrors: mirrors }), object({})),
  },
  {
    ...config,
    resource: "clusteroperators",
    kind: "ClusterOperator",
    shortNames: ["co"],
    schema: root(
      object({}),
      object({
        conditions,
        versions: list(object({ name: text, version: text })),
        relatedObjects: list(object({ group: text, resource: text, namespace: text, name: text })),
      }),
    ),
  },
  {
    ...registryOperator,
    resource: "configs",
    kind: "Config",
    schema: root(
      object({
        defaultRoute: { type: "boolean" },
        managementState: text,
        replicas: { type: "integer" },
        readOnly: { type: "boolean" },
      }),
      object({ conditions, readyReplicas: { type: "integer" } }),
    ),
  },
  {
    ...registryOperator,
    resource: "imagepruners",
    kind: "ImagePruner",
    schema: root(
      object({
        schedule: text,
        suspend: { type: "boolean" },
        keepTagRevisions: { type: "integer" },
        keepYoungerThanDuration: { type: "string", format: "duration" },
      }),
      object({ conditions }),
    ),
  },
];
