import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as okd from "pulumi-okd-images";

const config = new pulumi.Config();

const imageGroup = "image.openshift.io";
const configGroup = "config.openshift.io";

/** What the policy does, and nothing else. That everybody may ask for their own rights is the cluster's default. */
const clusterRules: k8s.types.input.rbac.v1.PolicyRule[] = [
  // What may name an image.
  {
    apiGroups: [""],
    resources: ["pods", "replicationcontrollers", "podtemplates", "nodes"],
    verbs: ["list"],
  },
  {
    apiGroups: ["apps"],
    resources: ["daemonsets", "deployments", "replicasets", "statefulsets", "controllerrevisions"],
    verbs: ["list"],
  },
  { apiGroups: ["batch"], resources: ["jobs", "cronjobs"], verbs: ["list"] },
  { apiGroups: ["build.openshift.io"], resources: ["builds", "buildconfigs"], verbs: ["list"] },
  { apiGroups: ["apps.openshift.io"], resources: ["deploymentconfigs"], verbs: ["list"] },
  {
    apiGroups: ["template.openshift.io"],
    resources: ["templates", "templateinstances"],
    verbs: ["list"],
  },
  // Where images are mirrored.
  {
    apiGroups: [configGroup],
    resources: ["imagedigestmirrorsets", "imagetagmirrorsets", "imagecontentpolicies"],
    verbs: ["list"],
  },
  { apiGroups: ["operator.openshift.io"], resources: ["imagecontentsourcepolicies"], verbs: ["list"] },
  { apiGroups: [""], resources: ["limitranges"], verbs: ["list"] },
  // What is pruned. The registry, too, lets only those delete who may delete images.
  { apiGroups: [imageGroup], resources: ["images"], verbs: ["get", "list", "delete"] },
  { apiGroups: [imageGroup], resources: ["imagestreams"], verbs: ["get", "list"] },
  { apiGroups: [imageGroup], resources: ["imagestreams/status"], verbs: ["update"] },
  { apiGroups: [imageGroup], resources: ["imagestreams/layers"], verbs: ["get"] },
  // Where the registry is, and whether this is a good time. Which cluster it is.
  { apiGroups: [configGroup], resources: ["images"], resourceNames: ["cluster"], verbs: ["get"] },
  { apiGroups: [configGroup], resources: ["clusterversions"], resourceNames: ["version"], verbs: ["get"] },
  {
    apiGroups: [configGroup],
    resources: ["clusteroperators"],
    resourceNames: ["image-registry"],
    verbs: ["get"],
  },
  {
    apiGroups: ["imageregistry.operator.openshift.io"],
    resources: ["imagepruners"],
    resourceNames: ["cluster"],
    verbs: ["get"],
  },
  { apiGroups: [""], resources: ["namespaces"], resourceNames: ["kube-system"], verbs: ["get"] },
];

/** In the registry's namespace: where it is, and the Lease that keeps two runs from pruning at once. */
const leaseRules: k8s.types.input.rbac.v1.PolicyRule[] = [
  { apiGroups: ["route.openshift.io"], resources: ["routes"], verbs: ["list"] },
  { apiGroups: [""], resources: ["services"], resourceNames: ["image-registry"], verbs: ["get"] },
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "create", "update"] },
];

/** The account that prunes, and how to connect as it. An administrator's kubeconfig makes it. */
function createAccount() {
  const kubeconfig = config.requireSecret("kubeconfig");
  const options = { provider: new k8s.Provider("cluster", { kubeconfig }) };
  const home = new k8s.core.v1.Namespace("home", { metadata: { name: "image-pruner" } }, options);
  const namespace = home.metadata.name;
  const account = new k8s.core.v1.ServiceAccount(
    "pruner",
    { metadata: { name: "image-pruner", namespace } },
    options,
  );
  const rights = grantRights({ kind: "ServiceAccount", name: account.metadata.name, namespace }, options);
  const token = new k8s.core.v1.Secret(
    "token",
    {
      metadata: {
        name: "image-pruner-token",
        namespace,
        annotations: { "kubernetes.io/service-account.name": account.metadata.name },
      },
      type: "kubernetes.io/service-account-token",
    },
    { ...options, additionalSecretOutputs: ["data"] },
  );
  // Of the kubeconfig only the cluster counts: the token is the account's.
  const connection = { kubeconfig, token: token.data.apply(tokenIn) };
  return { connection, rights };
}

/** In base64, as all content of secrets. */
function tokenIn(data: Readonly<Record<string, string>>): string {
  return Buffer.from(data["token"] ?? "", "base64").toString();
}

function grantRights(subject: k8s.types.input.rbac.v1.Subject, options: pulumi.CustomResourceOptions) {
  const name = "pulumi-image-pruner";
  const inRegistry = { name, namespace: "openshift-image-registry" };
  const apiGroup = "rbac.authorization.k8s.io";
  const { ClusterRole, ClusterRoleBinding, Role, RoleBinding } = k8s.rbac.v1;
  const clusterRole = new ClusterRole("pruner", { metadata: { name }, rules: clusterRules }, options);
  const leaseRole = new Role("pruner", { metadata: inRegistry, rules: leaseRules }, options);
  const clusterRef = { apiGroup, kind: "ClusterRole", name: clusterRole.metadata.name };
  // Custom resources name images too, and no list of rules keeps up with the operators of a cluster: this role does.
  const readerRef = { apiGroup, kind: "ClusterRole", name: "cluster-reader" };
  const leaseRef = { apiGroup, kind: "Role", name: leaseRole.metadata.name };
  return [
    new ClusterRoleBinding(
      "pruner",
      { metadata: { name }, roleRef: clusterRef, subjects: [subject] },
      options,
    ),
    new ClusterRoleBinding(
      "reader",
      { metadata: { name: `${name}-reader` }, roleRef: readerRef, subjects: [subject] },
      options,
    ),
    new RoleBinding("pruner", { metadata: inRegistry, roleRef: leaseRef, subjects: [subject] }, options),
  ];
}

const account = config.requireBoolean("createServiceAccount") ? createAccount() : undefined;
const approvedPlan = config.get("approvedPlan");

const policy = new okd.ImagePrunePolicy(
  "monthly",
  {
    connection: account?.connection,
    // Until somebody has approved a plan, nothing goes.
    mode: approvedPlan === undefined ? "report" : "prune",
    approvedPlan,
    keepYoungerThan: "30d",
    keepTagRevisions: 3,
    keep: { namespaces: ["openshift*", "prod-*"] },
    limits: { images: 500, bytes: "50GiB", fraction: 0.3 },
    planReport: config.require("planReport"),
  },
  { dependsOn: account?.rights ?? [] },
);

export const fingerprint = policy.plan.fingerprint;
export const lastPrune = policy.lastPrune;
