import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as okd from "pulumi-okd-images";

const config = new pulumi.Config();
const image = config.require("image");
const [registry = ""] = image.split("/");

const cluster = new k8s.Provider("cluster", { kubeconfig: config.requireSecret("kubeconfig") });

const namespace = new k8s.core.v1.Namespace(
  "namespace",
  { metadata: { name: config.require("namespace") } },
  { provider: cluster },
);

/** The cluster imports with every pull secret of the namespace; nothing has to be linked. */
const pullSecret = new k8s.core.v1.Secret(
  "registry",
  {
    metadata: { name: "registry", namespace: namespace.metadata.name },
    type: "kubernetes.io/dockerconfigjson",
    stringData: {
      ".dockerconfigjson": pulumi.jsonStringify({
        auths: {
          // Host and port exactly as in the image: another spelling is not found.
          [registry]: {
            username: config.require("registryUser"),
            password: config.requireSecret("registryPassword"),
          },
        },
      }),
    },
  },
  { provider: cluster },
);

const web = new okd.ImportedImageStream(
  "web",
  {
    connection: okd.connectionFrom(cluster),
    namespace: namespace.metadata.name,
    tags: { v1: image },
  },
  // Nothing in the arguments refers to the secret, so the order has to be said.
  { dependsOn: pullSecret },
);

const labels = { app: "web" };
new k8s.apps.v1.Deployment(
  "web",
  {
    metadata: { name: "web", namespace: namespace.metadata.name, labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          // The pull spec names the source registry, as referencePolicy is not "Local".
          imagePullSecrets: [{ name: pullSecret.metadata.name }],
          containers: [{ name: "web", image: web.pullSpec("v1") }],
        },
      },
    },
  },
  { provider: cluster },
);

/** By digest: what was previewed is what runs. */
export const runningImage = web.pullSpec("v1");
