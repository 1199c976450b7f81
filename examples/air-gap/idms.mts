/**
 * Renders an ImageDigestMirrorSet for what archives hold: node idms.mts MIRROR ARCHIVE.json…
 * Pods go on naming the source repository and a digest; the cluster pulls from the mirror.
 */
import { readFileSync } from "node:fs";

/** The part of `<archive>.json` that matters here. */
export interface ArchiveMapping {
  readonly images: readonly { readonly tags: readonly string[] }[];
}

/** `mirror`: host, with port if it has one, and maybe a path. The host of a source is left out below it. */
export function imageDigestMirrorSet(mappings: readonly ArchiveMapping[], mirror: string) {
  const names = mappings.flatMap(({ images }) => images.flatMap(({ tags }) => tags));
  const sources = [...new Set(names.map(repositoryOf))].sort();
  return {
    apiVersion: "config.openshift.io/v1",
    kind: "ImageDigestMirrorSet",
    metadata: { name: "archives" },
    spec: {
      imageDigestMirrors: sources.map((source) => ({
        source,
        mirrors: [`${mirror}/${source.slice(source.indexOf("/") + 1)}`],
        // Behind the gap there is nothing else to ask.
        mirrorSourcePolicy: "NeverContactSource",
      })),
    },
  };
}

/** Without the tag; the colon of a port is not one. */
function repositoryOf(name: string): string {
  const colon = name.lastIndexOf(":");
  return colon > name.lastIndexOf("/") ? name.slice(0, colon) : name;
}

if (process.argv[1]?.endsWith("idms.mts")) {
  const [mirror, ...files] = process.argv.slice(2);
  if (mirror === undefined || files.length === 0) {
    throw new Error("usage: node idms.mts MIRROR ARCHIVE.json…");
  }
  const mappings = files.map((file) => JSON.parse(readFileSync(file, "utf8")) as ArchiveMapping);
  console.log(JSON.stringify(imageDigestMirrorSet(mappings, mirror), null, 2));
}
