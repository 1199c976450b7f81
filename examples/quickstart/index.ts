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

const web = new okd.ImportedImageStream("web", {
  connection: { kubeconfig },
  namespace: config.require("namespace"),
  tags: {
    v1: "quay.io/acme/web:v1",
    edge: { image: "quay.io/acme/web:edge", referencePolicy: "Local" },
    proxy: { image: "docker.io/library/nginx:1.27", importMode: "PreserveOriginal" },
  },
  trackUpstream: config.require<"pinned" | "report" | "follow">("trackUpstream"),
});

/** Known in the preview already, before anything has been imported. */
export const image = web.pullSpec("v1");
export const digests = web.resolved.apply((tags) =>
  Object.fromEntries(
    Object.entries(tags).map(([name, tag]) => [name, "digest" in tag ? tag.digest : tag.error]),
  ),
);
