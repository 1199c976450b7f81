import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as okd from "pulumi-okd-images";

const config = new pulumi.Config();
const namespace = config.require("namespace");
const cluster = new k8s.Provider("cluster", { kubeconfig: config.requireSecret("kubeconfig") });

/** The cluster imports the tag again by itself, every 15 minutes or so. */
const web = new okd.ImportedImageStream("web", {
  connection: okd.connectionFrom(cluster),
  namespace,
  tags: { edge: { image: config.require("image"), scheduled: true } },
  lookupLocal: true,
});
const edge = web.tag("edge");

const labels = { app: "web" };
new k8s.apps.v1.Deployment(
  "web",
  {
    metadata: {
      name: "web",
      namespace,
      labels,
      annotations: okd.imageTrigger([
        { container: "web", tag: edge },
        { initContainer: "migrate", tag: edge },
      ]),
    },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          initContainers: [{ name: "migrate", image: web.pullSpec("edge"), args: ["migrate"] }],
          containers: [{ name: "web", image: web.pullSpec("edge") }],
        },
      },
    },
  },
  // From now on OKD sets them.
  {
    provider: cluster,
    ignoreChanges: ["spec.template.spec.containers[0].image", "spec.template.spec.initContainers[0].image"],
  },
);

new k8s.batch.v1.CronJob(
  "report",
  {
    metadata: {
      name: "report",
      namespace,
      annotations: { team: "shop", ...okd.imageTrigger({ container: "report", tag: edge }, "CronJob") },
    },
    spec: {
      schedule: "0 4 * * *",
      jobTemplate: {
        spec: {
          template: {
            spec: {
              restartPolicy: "Never",
              containers: [{ name: "report", image: web.pullSpec("edge"), args: ["report"] }],
            },
          },
        },
      },
    },
  },
  { provider: cluster, ignoreChanges: ["spec.jobTemplate.spec.template.spec.containers[0].image"] },
);

/** Builds the site again on every new base image. */
new k8s.apiextensions.CustomResource(
  "site",
  {
    apiVersion: "build.openshift.io/v1",
    kind: "BuildConfig",
    metadata: { name: "site", namespace },
    spec: {
      source: { dockerfile: "FROM web:edge\nRUN web render /site\n" },
      strategy: { dockerStrategy: { from: { kind: "ImageStreamTag", name: "web:edge" } } },
      triggers: [okd.imageChangeTrigger()],
    },
  },
  { provider: cluster, dependsOn: web },
);

/** Names the tag itself; the cluster puts its digest in when a pod is made. */
new k8s.core.v1.Pod(
  "shell",
  {
    metadata: { name: "shell", namespace, annotations: { ...okd.resolveNames() } },
    spec: { containers: [{ name: "shell", image: "web:edge", command: ["sleep", "infinity"] }] },
  },
  { provider: cluster, dependsOn: web },
);
