import { createHash } from "node:crypto";

/** Objects of a big cluster as an API server writes them, made from their numbers alone. */

export const sizes = { images: 100_000, streams: 10_000, pods: 50_000 } as const;

const imagesListed = 90_000;
const itemsPerStream = imagesListed / sizes.streams;
const podsPerWorkload = 10;
const baseImages = 400;
const layersOfBase = 8;
/** A build on the cluster adds one layer to its base, one more for what is copied in. */
const layersOfItsOwn = 2;
const newest = Date.parse("2026-11-20T00:00:00Z");
const registry = "image-registry.openshift-image-registry.svc:5000";

export function rawImage(index: number): object {
  const stream = Math.floor(index / itemsPerStream) % sizes.streams;
  const base = stream % baseImages;
  const layers = [
    ...range(layersOfBase).map((layer) => `base ${base} ${layer}`),
    ...range(layersOfItsOwn).map((layer) => `image ${index} ${layer}`),
  ];
  return {
    metadata: {
      name: digestOf(`image ${index}`),
      uid: uuidOf(`image ${index}`),
      resourceVersion: String(1_000_000 + index),
      creationTimestamp: timeOf(index),
      annotations: {
        "image.openshift.io/dockerLayersOrder": "ascending",
        "openshift.io/image.managed": "true",
      },
      managedFields: managedFields("openshift-apiserver", 3),
    },
    dockerImageReference: `${registry}/${repositoryOf(stream)}@${digestOf(`image ${index}`)}`,
    dockerImageMetadata: imageMetadata(index, base),
    dockerImageMetadataVersion: "1.0",
    dockerImageLayers: layers.map((layer, position) => ({
      name: digestOf(layer),
      size: 1_000_000 * (position + 1),
      mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
    })),
    dockerImageManifestMediaType: "application/vnd.oci.image.manifest.v1+json",
  };
}

function imageMetadata(index: number, base: number): object {
  return {
    kind: "DockerImage",
    apiVersion: "image.openshift.io/1.0",
    Id: digestOf(`config ${index}`),
    Created: timeOf(index),
    ContainerConfig: {},
    Config: {
      User: "1001",
      Env: range(12).map((entry) => `SETTING_${entry}=/opt/app-root/src/bin:/usr/local/sbin:${base}`),
      Entrypoint: ["container-entrypoint"],
      WorkingDir: "/opt/app-root/src",
      Labels: Object.fromEntries(
        range(16).map((label) => [`io.example.label-${label}`, `a text about image ${index} and ${label}`]),
      ),
    },
    Architecture: "amd64",
    Size: 250_000_000 + index,
  };
}

export function rawStream(stream: number): object {
  const items = range(itemsPerStream).map((item) => {
    const index = stream * itemsPerStream + item;
    return {
      created: timeOf(index),
      dockerImageReference: `${registry}/${repositoryOf(stream)}@${digestOf(`image ${index}`)}`,
      image: digestOf(`image ${index}`),
      generation: item + 1,
    };
  });
  const [namespace = "", name = ""] = repositoryOf(stream).split("/");
  return {
    metadata: {
      name,
      namespace,
      uid: uuidOf(`stream ${stream}`),
      resourceVersion: String(stream),
      creationTimestamp: timeOf(0),
      labels: { app: name, team: namespace },
      managedFields: managedFields("oc", 4),
    },
    spec: { lookupPolicy: { local: false } },
    status: {
      dockerImageRepository: `${registry}/${repositoryOf(stream)}`,
      tags: [
        { tag: "latest", items: items.slice(0, 5) },
        { tag: "stable", items: items.slice(5) },
      ],
    },
  };
}

export function rawPod(pod: number): object {
  const workload = Math.floor(pod / podsPerWorkload);
  const stream = workload * 2;
  const image = `${registry}/${repositoryOf(stream)}@${digestOf(`image ${stream * itemsPerStream}`)}`;
  const [namespace = "", name = ""] = repositoryOf(stream).split("/");
  return {
    metadata: {
      name: `${name}-${uuidOf(`pod ${pod}`).slice(0, 8)}`,
      namespace,
      uid: uuidOf(`pod ${pod}`),
      resourceVersion: String(pod),
      creationTimestamp: timeOf(pod),
      labels: { app: name, "pod-template-hash": String(workload) },
      annotations: {
        "k8s.ovn.org/pod-networks": `{"default":{"ip_addresses":["10.128.0.${pod % 250}/23"]}}`,
      },
      ownerReferences: [
        { apiVersion: "apps/v1", kind: "ReplicaSet", name, uid: uuidOf(name), controller: true },
      ],
      managedFields: managedFields("kube-controller-manager", 12),
    },
    spec: {
      containers: ["app", "sidecar"].map((container) => containerOf(container, image, name)),
      nodeName: `worker-${pod % 200}`,
      tolerations: range(3).map((key) => ({ key: `node.kubernetes.io/${key}`, operator: "Exists" })),
    },
    status: podStatus(pod, image),
  };
}

function containerOf(container: string, image: string, app: string): object {
  return {
    name: container,
    image,
    env: range(10).map((entry) => ({ name: `VARIABLE_${entry}`, value: `value ${entry} of ${app}` })),
    resources: { limits: { cpu: "1", memory: "512Mi" }, requests: { cpu: "100m", memory: "256Mi" } },
    volumeMounts: [{ name: "kube-api-access", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" }],
    terminationMessagePath: "/dev/termination-log",
    imagePullPolicy: "IfNotPresent",
  };
}

function podStatus(pod: number, image: string): object {
  return {
    phase: "Running",
    conditions: ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map((type) => ({
      type,
      status: "True",
      lastTransitionTime: timeOf(pod),
    })),
    containerStatuses: ["app", "sidecar"].map((container) => ({
      name: container,
      ready: true,
      restartCount: 0,
      image,
      imageID: image,
      containerID: `cri-o://${hexOf(`container ${pod}`)}`,
    })),
  };
}

function managedFields(manager: string, fields: number): readonly object[] {
  const owned = Object.fromEntries(
    range(fields).map((field) => [`f:field-${field}`, { "f:inner": {}, ".": {} }]),
  );
  return [{ manager, operation: "Update", time: timeOf(0), fieldsType: "FieldsV1", fieldsV1: owned }];
}

function repositoryOf(stream: number): string {
  return `team-${stream % 500}/application-${stream}`;
}

function timeOf(age: number): string {
  return new Date(newest - age * 300_000).toISOString().replace(".000Z", "Z");
}

function hexOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function digestOf(text: string): string {
  return `sha256:${hexOf(text)}`;
}

function uuidOf(text: string): string {
  return hexOf(text).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, "$1-$2-$3-$4-$5");
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index);
}
