import type * as pulumi from "@pulumi/pulumi";

/** How a tag is imported; on the resource these are the defaults of all its tags. */
export interface ImportPolicyArgs {
  /**
   * Let the cluster import the tag again by itself, every 15 minutes or so. Not for digests.
   * @default false
   */
  readonly scheduled?: pulumi.Input<boolean> | undefined;
  /**
   * Allow plain HTTP and unverified TLS to the registry, also for later imports by the cluster.
   * @default false
   */
  readonly insecure?: pulumi.Input<boolean> | undefined;
  /**
   * What to take from an image index: `Legacy` the image of one platform, `PreserveOriginal` the index with all of
   * them (OpenShift or OKD 4.12 and later).
   * @default the cluster's
   */
  readonly importMode?: pulumi.Input<"Legacy" | "PreserveOriginal"> | undefined;
  /**
   * Where workloads pull from: `Source` the source registry, `Local` the integrated registry.
   * @default "Source"
   */
  readonly referencePolicy?: pulumi.Input<"Source" | "Local"> | undefined;
  /**
   * Copy the image with all its layers into the integrated registry in `up`, so that it is there when the source deletes it.
   * Needs `referencePolicy: "Local"`, which alone copies nothing before the first pull.
   * @default false
   */
  readonly mirror?: pulumi.Input<boolean> | undefined;
}

/** A tag that is imported from a registry. Its policies take the place of the resource's. */
export interface ImageTagArgs extends ImportPolicyArgs {
  /** Pull spec of the source: `quay.io/acme/web:v1` or `quay.io/acme/web@sha256:…`. */
  readonly image: pulumi.Input<string>;
  /**
   * Only name the image, as `oc tag --reference`: nothing is imported, and no digest is known. On a permanent tag: keep the
   * pull spec of the source stream, under `Local` too. Not for aliases.
   * @default false
   */
  readonly reference?: pulumi.Input<boolean> | undefined;
  /**
   * Annotations of the tag; keys that are not named here are left alone. `importer.image.openshift.io/prefer-arch` and
   * `importer.image.openshift.io/prefer-os` choose the platform that `Legacy` takes.
   */
  readonly annotations?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
}

/** A tag that follows another tag of the same stream, as `oc tag --alias`; it has `referencePolicy` and `annotations` too. */
export interface AliasTagArgs {
  /** The tag to follow: `v1`. It may be declared here, or be on the stream already; it may be an alias itself. */
  readonly alias: pulumi.Input<string>;
}

/**
 * A permanent tag, as `oc tag dev/app:v1 web:live`: the image that a tag of a stream has now, kept whatever becomes of that
 * tag. It has `referencePolicy`, `reference` and `annotations` too.
 */
export interface StreamTagArgs {
  /**
   * `web:v1`, or `project/web:v1` of another project, where the account needs the role `system:image-puller`. The preview
   * finds the digest; with `trackUpstream: "follow"` each preview looks again.
   */
  readonly imageStreamTag: pulumi.Input<string>;
}

/**
 * A permanent tag, as `oc tag web@sha256:… web:fixed`: an image in the history of a stream. It has `referencePolicy`,
 * `reference` and `annotations` too.
 */
export interface StreamImageArgs {
  /** `web@sha256:…`, or `project/web@sha256:…`; the first six digits of the digest or more are enough. */
  readonly imageStreamImage: pulumi.Input<string>;
}

type Shared = Pick<ImageTagArgs, "referencePolicy" | "annotations">;
type Permanent = Shared & Pick<ImageTagArgs, "reference">;
type TagName = keyof ImageTagArgs | keyof AliasTagArgs | keyof StreamTagArgs | keyof StreamImageArgs;
/** One kind of tag, without what only other kinds have. */
type Only<Tag> = Tag & { readonly [Name in Exclude<TagName, keyof Tag>]?: undefined };

/** A tag has exactly one source. */
export type TagArgs =
  | Only<ImageTagArgs>
  | Only<AliasTagArgs & Shared>
  | Only<StreamTagArgs & Permanent>
  | Only<StreamImageArgs & Permanent>;

/**
 * A repository whose tags become tags of the stream: those that `include`, `exclude`, `pattern` and `semver` all let pass, and
 * with `limit` the newest of them. Policies take the place of the resource's.
 */
export interface RepositoryArgs extends ImportPolicyArgs {
  /** The repository, without tag and digest: `quay.io/acme/web`. */
  readonly image: pulumi.Input<string>;
  /**
   * Globs; a tag has to match one of them.
   * @default every tag
   */
  readonly include?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /**
   * Globs; a tag must match none of them.
   * @default []
   */
  readonly exclude?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Regular expression that has to match somewhere in the tag, or all of it with `^` and `$`. Named groups may be written `(?P<name>…)`. */
  readonly pattern?: pulumi.Input<string> | undefined;
  /**
   * The part of a tag that `semver` and `sort` look at, out of groups of the pattern: `$version`, `$1.$2`.
   * @default the whole tag
   */
  readonly extract?: pulumi.Input<string> | undefined;
  /**
   * Range of versions, like `>=1.2 <3` or `^1.4`; tags that are no version are left out. `v1.2` is 1.2.0, and `1.2.3_4` is
   * 1.2.3+4, because no tag may hold `+`. What follows `-` is a pre-release, `alpine` in `1.27-alpine` too: only a range that
   * names one, like `>=1.0.0-0`, takes any.
   */
  readonly semver?: pulumi.Input<string> | undefined;
  /**
   * What says which tags are the newest: the version, the number, the last by the alphabet, or the time when the image was
   * built, for which every tag is looked up. The first two leave out tags that are no version, or no number.
   * @default "semver" with `semver`
   */
  readonly sort?: pulumi.Input<"semver" | "numerical" | "alphabetical" | "created"> | undefined;
  /**
   * How many of the newest tags; older ones are removed from the stream. Needs `sort` or `semver`.
   * @default all
   */
  readonly limit?: pulumi.Input<number> | undefined;
  /**
   * Name of the tag in the stream, out of the tag and groups of the pattern: `base-{tag}`, `{version}`, `{1}`.
   * @default "{tag}"
   */
  readonly as?: pulumi.Input<string> | undefined;
  /**
   * What becomes of tags that vanish upstream: `keep` keeps the tag and its image, `remove` removes the tag unless something
   * uses it.
   * @default "keep"
   */
  readonly vanished?: pulumi.Input<"keep" | "remove"> | undefined;
  /**
   * How many tags one run may add, the first one included. More of them are an error (`IMPORT_LIMIT`) that names them.
   * @default any number
   */
  readonly maxNew?: pulumi.Input<number> | undefined;
  /** Annotations of each tag; keys that are not named here are left alone. */
  readonly annotations?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
}
