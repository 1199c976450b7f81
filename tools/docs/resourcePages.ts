/** What the pages about resources consist of; everything else is in the doc comments. */
export interface TypeSection {
  /** As the package exports it. */
  readonly type: string;
  /** Before the names of its members: `tags.*.`. */
  readonly prefix?: string;
  /** Default: what the prefix says. */
  readonly heading?: string;
}

export interface ResourcePage {
  readonly file: string;
  readonly resource: string;
  readonly call: string;
  /** Where more is said, as Markdown. */
  readonly seeAlso: string;
  readonly args: readonly [TypeSection, ...TypeSection[]];
  readonly outputs: readonly TypeSection[];
  /** Outputs that Pulumi's own classes declare. */
  readonly inherited?: readonly (readonly [name: string, type: string, meaning: string])[];
}

export const resourcePages: readonly ResourcePage[] = [
  {
    file: "imported-image-stream.md",
    resource: "ImportedImageStream",
    call: "new okd.ImportedImageStream(name, args, options?)",
    seeAlso:
      "Guides: [import images](../guides/import-images.md), [share a stream](../guides/share-a-stream.md). [Rights](rights.md#to-import).",
    args: [
      { type: "ImportedImageStreamArgs" },
      { type: "ImageTagArgs", prefix: "tags.*.", heading: "A tag that is imported" },
      { type: "RepositoryArgs", prefix: "repository.", heading: "A repository" },
      { type: "AliasTagArgs", prefix: "tags.*.", heading: "A tag that follows another tag" },
      { type: "StreamTagArgs", prefix: "tags.*.", heading: "A permanent tag: the image of a tag" },
      { type: "StreamImageArgs", prefix: "tags.*.", heading: "A permanent tag: an image by digest" },
      { type: "PullSecretArgs", prefix: "pullSecret." },
      { type: "RegistryLoginArgs", prefix: "pullSecret.auths.*." },
      { type: "PullSecretSourceArgs", prefix: "pullSecretFrom." },
      { type: "MirrorRegistryArgs", prefix: "integratedRegistry." },
    ],
    outputs: [
      { type: "ResolvedImage", prefix: "resolved.*.", heading: "A tag of `resolved`" },
      {
        type: "ReferencedImage",
        prefix: "resolved.*.",
        heading: "A tag of `resolved` that only names an image",
      },
      { type: "UnresolvedTag", prefix: "resolved.*.", heading: "A tag of `resolved` that was not imported" },
    ],
    inherited: [["id", "string", "`<namespace>/<name>`"]],
  },
  {
    file: "image-prune-policy.md",
    resource: "ImagePrunePolicy",
    call: "new okd.ImagePrunePolicy(name, args?, options?)",
    seeAlso:
      "Guides: [prune safely](../guides/prune-safely.md), [approve in CI](../guides/approve-in-ci.md). [Rights](rights.md#to-prune). [Where references are looked for](references.md).",
    args: [
      { type: "ImagePrunePolicyArgs" },
      { type: "StreamSelectionArgs", prefix: "select." },
      { type: "KeepArgs", prefix: "keep." },
      { type: "PruneLimitsArgs", prefix: "limits." },
      { type: "PruneRegistryArgs", prefix: "registry." },
      { type: "ExtraReferenceArgs", prefix: "extraReferences[]." },
    ],
    outputs: [
      { type: "PrunePlan", prefix: "plan." },
      { type: "LastPrune", prefix: "lastPrune." },
    ],
  },
  {
    file: "image-archive.md",
    resource: "ImageArchive",
    call: "new okd.ImageArchive(name, args, options?)",
    seeAlso:
      "Guide: [archives, and across an air gap](../guides/archive-and-air-gap.md). [Rights](rights.md#to-export).",
    args: [
      { type: "ImageArchiveArgs" },
      { type: "ArchivedImageArgs", prefix: "images[]." },
      { type: "EngineConnectionArgs", prefix: "engine." },
      { type: "ArchiveRegistryArgs", prefix: "registries.*." },
      { type: "IntegratedRegistryArgs", prefix: "integratedRegistry." },
    ],
    outputs: [
      { type: "ArchiveContent", prefix: "content." },
      { type: "ContentImage", prefix: "content.images.*." },
    ],
  },
];
