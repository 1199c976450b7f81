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

/** Whether the manifest is of Docker's schema 1, which has layers and nothing else. */
export function isSchema1Type(mediaType: string): boolean {
  return /^application\/vnd\.docker\.distribution\.manifest\.v1\+/.test(mediaType);
}

/** Whether a config of this type is that of an image: everything else that registries hold is an artifact. */
export function isImageConfigType(mediaType: string): boolean {
  return /^application\/vnd\.(?:oci\.image\.config\.v1|docker\.container\.image\.v1)\+json$/.test(mediaType);
}

/** A layer that is encrypted for somebody (ocicrypt); nobody else can use it. */
export function isEncryptedLayer(mediaType: string): boolean {
  return mediaType.endsWith("+encrypted");
}

/** A layer that its owner does not let registries distribute: Windows base images before 2023. */
export function isForeignLayer(mediaType: string): boolean {
  return /\.foreign\.diff\.tar|\.layer\.nondistributable\./.test(mediaType);
}
