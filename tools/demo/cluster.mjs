// What the cluster itself says about its image streams, asked without the package under demonstration.
import { readFile } from "node:fs/promises";
import { get } from "node:https";
import { text } from "node:stream/consumers";

export async function clusterOf(kubeconfigPath, namespace) {
  const kubeconfig = JSON.parse(await readFile(kubeconfigPath, "utf8"));
  const { server, "certificate-authority-data": authority } = kubeconfig.clusters[0].cluster;
  const options = {
    ca: Buffer.from(authority, "base64"),
    headers: { authorization: `Bearer ${kubeconfig.users[0].user.token}` },
    agent: false,
  };
  const images = `${server}/apis/image.openshift.io/v1/images`;
  const streams = `${server}/apis/image.openshift.io/v1/namespaces/${namespace}/imagestreams`;
  const pods = `${server}/api/v1/namespaces/${namespace}/pods`;
  return {
    server,
    /** Name and resourceVersion of each stream: the latter changes with every write. */
    async imageStreams() {
      const { items } = await getJson(streams, options);
      return Object.fromEntries(items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
    },
    async digestsByTag(name) {
      const { status } = await getJson(`${streams}/${name}`, options);
      return Object.fromEntries(status.tags.map(({ tag, items }) => [tag, items[0].image]));
    },
    /** Digests of all images of the cluster. */
    async images() {
      const { items } = await getJson(images, options);
      return items.map(({ metadata }) => metadata.name);
    },
    /** The one of a pod with one container, as its pull spec has it. */
    async runningDigest(pod) {
      const { spec } = await getJson(`${pods}/${pod}`, options);
      return spec.containers[0].image.split("@")[1];
    },
    /** Rejects unless the integrated registry serves the manifest. */
    async pullManifest(name, digest) {
      const { status } = await getJson(`${streams}/${name}`, options);
      const [host] = status.publicDockerImageRepository.split("/");
      await getJson(`https://${host}/v2/${namespace}/${name}/manifests/${digest}`, options);
    },
  };
}

function getJson(url, options) {
  return new Promise((resolve, reject) => {
    get(url, options, async (response) => {
      const body = await text(response);
      if (response.statusCode === 200) resolve(JSON.parse(body));
      else reject(new Error(`GET ${url} was answered with ${response.statusCode}: ${body}`));
    }).once("error", reject);
  });
}
