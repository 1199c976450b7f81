import assert from "node:assert/strict";
import { createContentPool } from "../../../provider/support/contentPool.js";
import { toAnyReferrer } from "../../../provider/usage/anyReferrer.js";
import { referrerKinds } from "../../../provider/usage/kinds.js";
import type { Referrer } from "../../../provider/usage/referrer.js";
import { createLiveUsage } from "../../../provider/usage/safe/index.js";

const registry = "image-registry.openshift-image-registry.svc:5000";
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
/** Any that is named counts here: all have these tags. */
const streams = ["ns/a", "ns/b", "ns/c", "ns/d", "own/a", "own/b", "own/builder"].map((name) => {
  const [namespace = "", stream = ""] = name.split("/");
  return { namespace, name: stream, tags: ["latest", "1", "2"] };
});

/** `ns/a:1 aaaa`: tags, then the first digits of digests. */
function usedBy(referrer: Referrer): string {
  const usage = createLiveUsage([referrer], streams);
  const known = new Set(
    streams.flatMap(({ namespace, name, tags }) => tags.map((tag) => `${namespace}/${name}:${tag}`)),
  );
  const tags = [...usage.usersOfTag.keys()].filter((key) => known.has(key));
  const digests = [...usage.usersOfDigest.keys()].map((each) =>
    each.slice("sha256:".length, "sha256:".length + 4),
  );
  return [...tags.sort(), ...digests.sort()].join(" ");
}

/** Objects of a kind of their own, by the list that they are read in; all others as custom resources are. */
function usedByObject(list: string, object: object): string {
  const whole = { metadata: { namespace: "own", name: "x" }, ...object };
  const kind = referrerKinds.find(({ resource }) => resource.resource === list);
  const pool = createContentPool();
  return usedBy(kind === undefined ? toAnyReferrer(list, whole, pool) : kind.project(whole, pool));
}

const holders: readonly (readonly [what: string, list: string, object: object, uses: string])[] = [
  [
    "osImageURL of a MachineConfig",
    "machineconfigs.machineconfiguration.openshift.io",
    {
      spec: {
        osImageURL: `${registry}/ns/a:1`,
        baseOSExtensionsContainerImage: `quay.io/x/y@${digest("e")}`,
        config: { ignition: { version: "3.2.0" } },
      },
    },
    "ns/a:1 eeee",
  ],
  [
    "images and Containerfile of a MachineOSConfig",
    "machineosconfigs.machineconfiguration.openshift.io",
    {
      spec: {
        renderedImagePushSpec: `${registry}/ns/a:latest`,
        buildInputs: {
          baseOSImagePullspec: `${registry}/ns/b:1`,
          containerFile: [
            {
              containerfileArch: "NoArch",
              content: `FROM configs AS final\nCOPY --from=${registry}/ns/c:2 / /\nRUN true\n`,
            },
          ],
          renderedImagePushspec: `${registry}/ns/d:1`,
        },
      },
    },
    "ns/a:latest ns/b:1 ns/c:2 ns/d:1",
  ],
  [
    "what a MachineOSBuild pushes and has pushed",
    "machineosbuilds.machineconfiguration.openshift.io",
    {
      spec: { renderedImagePushSpec: `${registry}/ns/a:1` },
      status: { digestedImagePushSpec: `${registry}/ns/a@${digest("a")}` },
    },
    "ns/a:1 aaaa",
  ],
  [
    "images that a node runs, not those that it has cached",
    "nodes",
    {
      metadata: {
        name: "x",
        annotations: {
          "machineconfiguration.openshift.io/currentImage": `${registry}/ns/a@${digest("a")}`,
          "machineconfiguration.openshift.io/desiredImage": `${registry}/ns/b:1`,
        },
      },
      status: { images: [{ names: [`${registry}/ns/c:1`, `${registry}/ns/c@${digest("c")}`] }] },
    },
    "ns/b:1 aaaa",
  ],
  [
    "the inline Dockerfile of a BuildConfig, with the arguments of its build",
    "buildconfigs",
    {
      spec: {
        source: {
          dockerfile:
            "ARG BASE=ns/a:1\nFROM ${BASE} AS builder\nFROM ns/b:${TAG}\nARG TAG\nCOPY --from=builder / /\nCOPY --from=ns/c:2 / /\n",
        },
        strategy: { dockerStrategy: { buildArgs: [{ name: "BASE", value: "ns/d:2" }] } },
      },
    },
    "ns/a:1 ns/b:1 ns/b:2 ns/b:latest ns/c:2 ns/d:2",
  ],
  [
    "the inline Dockerfile of a Build by digest",
    "builds",
    {
      spec: {
        source: { dockerfile: `FROM ${registry}/ns/a@${digest("a")}\n` },
        strategy: { dockerStrategy: {} },
      },
    },
    "aaaa",
  ],
  [
    "source images, strategy, output and last triggered image of a BuildConfig",
    "buildconfigs",
    {
      spec: {
        source: { images: [{ from: { kind: "ImageStreamTag", namespace: "ns", name: "a:1" }, paths: [] }] },
        strategy: {
          customStrategy: {
            from: { kind: "ImageStreamTag", name: "builder:1" },
            env: [{ name: "OPENSHIFT_CUSTOM_BUILD_BASE_IMAGE", value: `${registry}/ns/b:2` }],
          },
        },
        output: { to: { kind: "ImageStreamTag", name: "a:latest" } },
        triggers: [
          { type: "ImageChange", imageChange: { lastTriggeredImageID: `${registry}/ns/c@${digest("c")}` } },
        ],
      },
    },
    "ns/a:1 ns/b:2 own/a:latest own/builder:1 cccc",
  ],
  [
    "the custom deployer and the hooks of a DeploymentConfig",
    "deploymentconfigs",
    {
      spec: {
        strategy: {
          type: "Custom",
          customParams: {
            image: `${registry}/ns/a:1`,
            environment: [{ name: "TOOLS_IMAGE", value: "ns/b" }],
          },
          rollingParams: {
            pre: {
              execNewPod: { containerName: "app", env: [{ name: "HOOK", value: `${registry}/ns/c:2` }] },
            },
            post: { tagImages: [{ containerName: "app", to: { kind: "ImageStreamTag", name: "b:2" } }] },
          },
        },
        triggers: [
          {
            type: "ImageChange",
            imageChangeParams: {
              from: { kind: "ImageStreamTag", name: "a:1" },
              lastTriggeredImage: `${registry}/own/a@${digest("a")}`,
            },
          },
        ],
      },
    },
    "ns/a:1 ns/b:latest ns/c:2 own/a:1 own/b:2 aaaa",
  ],
  [
    "what a ClusterVersion runs, ran and is to run",
    "clusterversions.config.openshift.io",
    {
      spec: { desiredUpdate: { version: "4.19.1", image: `${registry}/ns/a:1` } },
      status: {
        desired: { image: `quay.io/openshift/okd@${digest("a")}` },
        history: [{ state: "Completed", version: "4.18.3", image: `quay.io/openshift/okd@${digest("b")}` }],
      },
    },
    "ns/a:1 aaaa bbbb",
  ],
  [
    "what a ClusterServiceVersion installs and may need",
    "clusterserviceversions.operators.coreos.com",
    {
      metadata: {
        namespace: "own",
        name: "x.v1",
        annotations: {
          containerImage: `${registry}/ns/a:1`,
          "alm-examples": JSON.stringify([
            { kind: "Widget", spec: { image: { repository: "ns/b", tag: "2" } } },
          ]),
        },
      },
      spec: {
        relatedImages: [{ name: "web", image: `quay.io/x/y@${digest("c")}` }],
        install: {
          spec: {
            deployments: [
              {
                name: "x",
                spec: {
                  template: {
                    spec: {
                      containers: [
                        {
                          name: "x",
                          image: `${registry}/ns/d:1`,
                          env: [{ name: "RELATED_IMAGE_WEB", value: `quay.io/x/z@${digest("d")}` }],
                        },
                      ],
                    },
                  },
                },
              },
            ],
          },
        },
      },
    },
    "ns/a:1 ns/b:2 ns/d:1 cccc dddd",
  ],
  [
    "a CatalogSource",
    "catalogsources.operators.coreos.com",
    {
      spec: {
        sourceType: "grpc",
        image: `${registry}/ns/a:1`,
        grpcPodConfig: {
          extractContent: { cacheDir: "/tmp/cache", catalogDir: "/configs" },
          securityContextConfig: "restricted",
        },
      },
    },
    "ns/a:1",
  ],
  [
    "a ClusterCatalog",
    "clustercatalogs.olm.operatorframework.io",
    {
      metadata: { name: "x" },
      spec: { source: { type: "Image", image: { ref: `${registry}/ns/a:1`, pollIntervalMinutes: 10 } } },
      status: { resolvedSource: { image: { ref: `${registry}/ns/a@${digest("a")}` } } },
    },
    "ns/a:1 aaaa",
  ],
  [
    "a PodTemplate",
    "podtemplates",
    {
      template: {
        spec: {
          containers: [{ name: "x", image: `${registry}/ns/a:1` }],
          volumes: [{ name: "v", image: { reference: "ns/b:2" } }],
        },
      },
    },
    "ns/a:1 ns/b:2",
  ],
  [
    "a Template, with the values of its parameters",
    "templates",
    {
      kind: "Template",
      objects: [
        {
          kind: "DeploymentConfig",
          spec: {
            triggers: [
              {
                imageChangeParams: { from: { kind: "ImageStreamTag", namespace: "${NS}", name: "a:${TAG}" } },
              },
            ],
            template: { spec: { containers: [{ image: "${IMAGE}" }] } },
          },
        },
      ],
      parameters: [
        { name: "NS", value: "ns" },
        { name: "TAG", value: "1" },
        { name: "IMAGE", value: "ns/b:2" },
      ],
    },
    "ns/a:1 ns/b:2 own/a:1",
  ],
  [
    "a Deployment's variables, arguments and annotations",
    "deployments",
    {
      metadata: { namespace: "own", name: "x", annotations: { "example.io/sidecar-image": "ns/a:1" } },
      spec: {
        template: {
          spec: {
            containers: [
              {
                name: "x",
                image: "other",
                args: ["--runner-image=ns/b:2"],
                env: [{ name: "HELPER_IMAGE", value: `docker://${registry}/ns/c` }],
              },
            ],
          },
        },
      },
    },
    "ns/a:1 ns/b:2 ns/c:latest",
  ],
  [
    "a CronJob's Jobs",
    "cronjobs",
    {
      spec: {
        jobTemplate: {
          spec: {
            template: {
              spec: {
                containers: [
                  { name: "x", image: `${registry}/ns/a:1`, env: [{ name: "X", value: "ns/b:2" }] },
                ],
              },
            },
          },
        },
      },
    },
    "ns/a:1 ns/b:2",
  ],
  [
    "a pod of nobody's, its debugging containers, image volumes and what runs",
    "pods",
    {
      spec: {
        containers: [{ name: "x", image: "ns/a:1", command: ["run", "ns/d:2"] }],
        ephemeralContainers: [{ name: "d", image: "ns/b:1" }],
        volumes: [{ name: "v", image: { reference: "ns/c:1" } }],
      },
      status: { phase: "Running", containerStatuses: [{ imageID: "a".repeat(64) }] },
    },
    "ns/a:1 ns/b:1 ns/c:1 ns/d:2 aaaa",
  ],
  [
    "the pause image of a ContainerRuntimeConfig",
    "kubeletconfigs.machineconfiguration.openshift.io",
    { spec: { kubeletConfig: { podInfraContainerImage: `${registry}/ns/a:1` }, pauseImage: "ns/b:2" } },
    "ns/a:1 ns/b:2",
  ],
  [
    "images to pull to nodes",
    "imagepullers.che.eclipse.org",
    { spec: { images: `web=${registry}/ns/a:1;tools=ns/b:2` } },
    "ns/a:1 ns/b:2",
  ],
  [
    "a KubeVirt VirtualMachine",
    "virtualmachines.kubevirt.io",
    {
      spec: {
        dataVolumeTemplates: [{ spec: { source: { registry: { url: `docker://${registry}/ns/a:1` } } } }],
        template: { spec: { volumes: [{ name: "root", containerDisk: { image: `${registry}/ns/b:2` } }] } },
      },
    },
    "ns/a:1 ns/b:2",
  ],
  [
    "a KEDA ScaledJob",
    "scaledjobs.keda.sh",
    { spec: { jobTargetRef: { template: { spec: { containers: [{ name: "x", image: "a:2" }] } } } } },
    "own/a:2",
  ],
  [
    "the chart values of an Argo CD Application",
    "applications.argoproj.io",
    {
      spec: {
        destination: { namespace: "ns", server: "https://kubernetes.default.svc" },
        source: {
          helm: {
            parameters: [
              { name: "image.repository", value: `${registry}/ns/a` },
              { name: "image.tag", value: "1" },
            ],
            values: `worker:\n  image:\n    repository: ${registry}/ns/b\n    tag: "2"\n`,
          },
        },
      },
      status: { summary: { images: [`${registry}/ns/c:1`] } },
    },
    "ns/a:1 ns/b:2 ns/c:1",
  ],
];

describe("images are found in", () => {
  for (const [what, list, object, uses] of holders) {
    it(what, () => assert.equal(usedByObject(list, object), uses));
  }
});
