import type { PolicyRule } from "./access.js";

const read = ["get", "list", "watch"];
const write = ["create", "delete", "deletecollection", "patch", "update"];
const imageGroup = ["", "image.openshift.io"];
const imageReads = [
  "imagestreams",
  "imagestreamtags",
  "imagetags",
  "imagestreamimages",
  "imagestreams/status",
];
const imageWrites = [
  "imagestreams",
  "imagestreamtags",
  "imagetags",
  "imagestreammappings",
  "imagestreams/secrets",
];
const workloads = ["deployments", "replicasets", "statefulsets", "daemonsets", "deployments/scale"];

const view: readonly PolicyRule[] = [
  { apiGroups: imageGroup, resources: imageReads, verbs: read },
  {
    apiGroups: [""],
    resources: ["configmaps", "pods", "limitranges", "resourcequotas", "namespaces"],
    verbs: read,
  },
  { apiGroups: ["apps"], resources: workloads, verbs: read },
];

const edit: readonly PolicyRule[] = [
  ...view,
  { apiGroups: imageGroup, resources: imageWrites, verbs: [...read, ...write] },
  { apiGroups: imageGroup, resources: ["imagestreamimports"], verbs: ["create"] },
  { apiGroups: imageGroup, resources: ["imagestreams/layers"], verbs: ["get", "update"] },
  { apiGroups: [""], resources: ["configmaps", "secrets", "pods"], verbs: [...read, ...write] },
  { apiGroups: ["apps"], resources: workloads, verbs: [...read, ...write] },
];

/** What the cluster roles of an OKD cluster allow on the resources that the sandbox serves. */
export const clusterRoles: Readonly<Record<string, readonly PolicyRule[]>> = {
  "cluster-admin": [{ verbs: ["*"] }],
  "cluster-reader": [{ verbs: read }],
  admin: [
    ...edit,
    {
      apiGroups: ["rbac.authorization.k8s.io"],
      resources: ["roles", "rolebindings"],
      verbs: [...read, ...write],
    },
  ],
  edit,
  view,
  "registry-viewer": [
    { apiGroups: imageGroup, resources: imageReads, verbs: read },
    { apiGroups: imageGroup, resources: ["imagestreams/layers"], verbs: ["get"] },
  ],
  "registry-editor": edit,
  "system:image-puller": [{ apiGroups: imageGroup, resources: ["imagestreams/layers"], verbs: ["get"] }],
  "system:image-pusher": [
    { apiGroups: imageGroup, resources: ["imagestreams/layers"], verbs: ["get", "update"] },
  ],
};
