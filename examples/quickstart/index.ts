import { existsSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as okd from "pulumi-okd-images";

const config = new pulumi.Config();
const kubeconfig = config.require("kubeconfig");
if (!existsSync(kubeconfig)) {
  throw new pulumi.RunError(
    `There is no kubeconfig at ${kubeconfig}. Start one with "npm run sandbox" in another terminal, or name yours: pulumi config set kubeconfig PATH`,
  );
}

const connection = { kubeconfig };
const namespace = config.require("namespace");

const web = new okd.ImportedImageStream("web", {
  connection,
  namespace,
  tags: {
    v1: "quay.io/acme/web:v1",
    edge: { image: "quay.io/acme/web:edge", referencePolicy: "Local" },
    proxy: { image: "docker.io/library/nginx:1.27", importMode: "PreserveOriginal" },
  },
  trackUpstream: config.require<"pinned" | "report" | "follow">("trackUpstream"),
});

/** Old builds that nothing runs go. The preview lists them; up prunes what it has listed. */
const cleanup = new okd.ImagePrunePolicy("cleanup", {
  connection,
  namespace,
  keepYoungerThan: "10d",
  keepTagRevisions: 3,
});

/** The imported image as a file, by its digest; for where there is no registry. */
const bundle = new okd.ImageArchive("bundle", {
  connection,
  path: config.require("archive"),
  images: [{ stream: web.tag("v1") }],
  createDirectories: true,
});

/** Known in the preview already, before anything has been imported. */
export const image = web.pullSpec("v1");
export const digests = web.resolved.apply((tags) =>
  Object.fromEntries(
    Object.entries(tags).map(([name, tag]) => [name, "digest" in tag ? tag.digest : undefined]),
  ),
);
/** What up has pruned. */
export const lastPrune = cleanup.lastPrune;
/** What up has written. */
export const archive = { path: bundle.path, sha256: bundle.sha256, size: bundle.size };
