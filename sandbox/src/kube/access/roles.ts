/** As in RBAC; `namespaces` is for rules given to a user directly. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  /** Absent: cluster-wide. */
  readonly namespaces?: readonly string[];
}

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

/** system:basic-user, bound to everybody who is known. */
export const basicUser: readonly PolicyRule[] = [
  {
    apiGroups: ["authorization.k8s.io", "authentication.k8s.io"],
    resources: ["selfsubjectaccessreviews", "selfsubjectreviews"],
    verbs: ["create"],
  },
];

const namespacedKinds: readonly PolicyRule[] = [
  { apiGroups: [""], resources: ["pods", "replicationcontrollers", "services"], verbs: read },
  { apiGroups: ["apps"], resources: ["controllerrevisions"], verbs: read },
  { apiGroups: ["batch"], resources: ["jobs", "cronjobs"], verbs: read },
  { apiGroups: ["build.openshift.io"], resources: ["buildconfigs", "builds"], verbs: read },
  { apiGroups: ["apps.openshift.io"], resources: ["deploymentconfigs"], verbs: read },
  { apiGroups: ["route.openshift.io"], resources: ["routes"], verbs: read },
  { apiGroups: ["template.openshift.io"], resources: ["templates"], verbs: read },
];

const view: readonly PolicyRule[] = [
  { apiGroups: imageGroup, resources: imageReads, verbs: read },
  {
    apiGroups: [""],
    resources: ["configmaps", "pods", "limitranges", "resourcequotas", "namespaces"],
    verbs: read,
  },
  { apiGroups: ["apps"], resources: workloads, verbs: read },
  ...namespacedKinds,
];

const edit: readonly PolicyRule[] = [
  ...view,
  { apiGroups: imageGroup, resources: imageWrites, verbs: [...read, ...write] },
  { apiGroups: imageGroup, resources: ["imagestreamimports"], verbs: ["create"] },
  { apiGroups: imageGroup, resources: ["imagestreams/layers"], verbs: ["get", "update"] },
  { apiGroups: [""], resources: ["configmaps", "secrets", "pods"], verbs: [...read, ...write] },
  { apiGroups: ["apps"], resources: workloads, verbs: [...read, ...write] },
  ...namespacedKinds.map((rule) => ({ ...rule, verbs: [...read, ...write] })),
];

const getAndList = ["get", "list"];

const imagePruner: readonly PolicyRule[] = [
  { apiGroups: [""], resources: ["pods", "replicationcontrollers"], verbs: getAndList },
  { apiGroups: [""], resources: ["limitranges"], verbs: ["list"] },
  { apiGroups: ["", "build.openshift.io"], resources: ["buildconfigs", "builds"], verbs: getAndList },
  { apiGroups: ["", "apps.openshift.io"], resources: ["deploymentconfigs"], verbs: getAndList },
  { apiGroups: ["batch"], resources: ["jobs", "cronjobs"], verbs: getAndList },
  {
    apiGroups: ["apps"],
    resources: ["daemonsets", "deployments", "replicasets", "statefulsets"],
    verbs: getAndList,
  },
  { apiGroups: imageGroup, resources: ["images"], verbs: ["delete"] },
  { apiGroups: imageGroup, resources: ["images", "imagestreams"], verbs: read },
  { apiGroups: imageGroup, resources: ["imagestreams/status"], verbs: ["update"] },
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
  "system:image-pruner": imagePruner,
  "system:image-puller": [{ apiGroups: imageGroup, resources: ["imagestreams/layers"], verbs: ["get"] }],
  "system:image-pusher": [
    { apiGroups: imageGroup, resources: ["imagestreams/layers"], verbs: ["get", "update"] },
  ],
};
