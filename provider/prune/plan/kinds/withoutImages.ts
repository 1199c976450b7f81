/** Kinds that no CustomResourceDefinition describes, and what is known of them. Unknown kinds are read. */
export interface OtherKinds {
  readonly why: string;
  /** Everything in these API groups. */
  readonly groups?: readonly string[];
  /** `<plural>.<group>`, and the plural alone of the core group. */
  readonly kinds?: readonly string[];
}

/** Kinds that name no image to pull, or that are read as other kinds. */
export const kindsWithoutImages: readonly OtherKinds[] = [
  {
    why: "names, addresses, sizes and schedules alone",
    groups: [
      "autoscaling",
      "certificates.k8s.io",
      "coordination.k8s.io",
      "discovery.k8s.io",
      "flowcontrol.apiserver.k8s.io",
      "internal.apiserver.k8s.io",
      "networking.k8s.io",
      "node.k8s.io",
      "policy",
      "resource.k8s.io",
      "route.openshift.io",
      "scheduling.k8s.io",
      "storage.k8s.io",
      "storagemigration.k8s.io",
    ],
    kinds: [
      "bindings",
      "brokertemplateinstances.template.openshift.io",
      "componentstatuses",
      "endpoints",
      "limitranges",
      "namespaces",
      "persistentvolumeclaims",
      "persistentvolumes",
      "resourcequotas",
      "serviceaccounts",
      "services",
    ],
  },
  {
    why: "what the API server is made of",
    groups: ["apiextensions.k8s.io", "apiregistration.k8s.io"],
    kinds: [
      "mutatingadmissionpolicybindings.admissionregistration.k8s.io",
      "mutatingwebhookconfigurations.admissionregistration.k8s.io",
      "validatingadmissionpolicies.admissionregistration.k8s.io",
      "validatingadmissionpolicybindings.admissionregistration.k8s.io",
      "validatingwebhookconfigurations.admissionregistration.k8s.io",
    ],
  },
  {
    why: "people, projects and their rights",
    groups: [
      "authentication.k8s.io",
      "authorization.k8s.io",
      "authorization.openshift.io",
      "oauth.openshift.io",
      "project.openshift.io",
      "quota.openshift.io",
      "rbac.authorization.k8s.io",
      "security.openshift.io",
      "user.openshift.io",
    ],
  },
  {
    why: "read as what they are, or other views of that",
    groups: ["apps.openshift.io", "build.openshift.io", "image.openshift.io"],
  },
  {
    why: "secrets and settings of anything: `extraReferences` has those read that name images",
    kinds: ["configmaps", "secrets"],
  },
];

/** Kinds that are always skipped: they are big, and nothing is pulled for them. */
export const skippedKinds: readonly OtherKinds[] = [
  { why: "what has happened", kinds: ["events"], groups: ["events.k8s.io"] },
  { why: "measurements", groups: ["custom.metrics.k8s.io", "external.metrics.k8s.io", "metrics.k8s.io"] },
  { why: "what catalogs offer, installed or not", groups: ["packages.operators.coreos.com"] },
];
