const indexTypes: readonly string[] = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];

const configuredTypes: readonly string[] = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** Every type of manifest whose content can be read; Docker's schema 1 is not among them. */
export const manifestTypes: readonly string[] = [...configuredTypes, ...indexTypes];

/** Whether the manifest is an image index or, in Docker's words, a manifest list: it has manifests and no layers. */
export function isIndexType(mediaType: string): boolean {
  return indexTypes.includes(mediaType);
}

/** Whether the manifest names a config blob; Docker's schema 1 carries its configuration inside. */
export function hasConfigBlob(mediaType: string): boolean {
  return configuredTypes.includes(mediaType);
}
