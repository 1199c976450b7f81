import type * as pulumi from "@pulumi/pulumi";
import type { ForcibleObjection } from "../../prune/args/parsed.js";
import type { ConnectionArgs } from "./connection.js";
import type { TimeoutsArgs } from "./timeouts.js";

/**
 * Streams and tags by name and label; whatever is given must match. Names are globs: `*`, `?`, `[a-z]`, `[^a-z]`,
 * `{a,b}`, `**`, a leading `!`.
 */
export interface StreamSelectionArgs {
  /** Globs of namespaces. */
  readonly namespaces?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Globs of `namespace/name`. */
  readonly streams?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Globs of tags. Images that no stream lists have none. */
  readonly tags?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Labels of the stream, all of them. */
  readonly labels?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
}

/**
 * What stays whatever its age; any match suffices. Namespaces, streams and labels also keep images that no stream lists,
 * by the repository that they were pushed to.
 */
export interface KeepArgs extends StreamSelectionArgs {
  /** `sha256:…`, wherever they are listed; they count as references. For what only Git or a person knows. */
  readonly digests?: pulumi.Input<pulumi.Input<string>[]> | undefined;
}

/** How to reach the integrated registry. */
export interface PruneRegistryArgs {
  /**
   * `[http(s)://]host[:port]`.
   * @default what the cluster says: external hostnames, route, internal hostname
   */
  readonly url?: pulumi.Input<string> | undefined;
  /**
   * CA bundle of the registry: a path or PEM text. No other is trusted then.
   * @default the connection's, beside the usual ones
   */
  readonly caCert?: pulumi.Input<string> | undefined;
  /**
   * Accept any certificate of the registry, and plain HTTP. `connection.skipTlsVerify` does not count here.
   * @default false
   */
  readonly skipTlsVerify?: pulumi.Input<boolean> | undefined;
}

/** What a plan may prune at most; more fails with `PRUNE_LIMIT`. The report is written all the same. */
export interface PruneLimitsArgs {
  /**
   * How many Images.
   * @default no limit
   */
  readonly images?: pulumi.Input<number> | undefined;
  /**
   * How many revisions: entries of tags' histories.
   * @default no limit
   */
  readonly revisions?: pulumi.Input<number> | undefined;
  /**
   * How much is freed: `"50GiB"`, `"500MB"`, or a number of bytes.
   * @default no limit
   */
  readonly bytes?: pulumi.Input<string | number> | undefined;
  /**
   * Of all Images, and of all revisions, 0 to 1.
   * @default 0.5 with `rules: "safe"`
   */
  readonly fraction?: pulumi.Input<number> | undefined;
}

/** Further objects that name images. */
export interface ExtraReferenceArgs {
  /** Group and version: `v1`, `apps/v1`. */
  readonly apiVersion: pulumi.Input<string>;
  /** Kind: `ConfigMap`. */
  readonly kind: pulumi.Input<string>;
  /**
   * JSONPath (RFC 9535, without `match` and `search`) of the pull specs: `$.spec.template.spec.containers[*].image`.
   * Digests count wherever they stand.
   * @default the whole object, in which pull specs count anywhere, too
   */
  readonly jsonPath?: pulumi.Input<string> | undefined;
}

/** Every argument is optional. */
export interface ImagePrunePolicyArgs {
  /**
   * Which cluster, and as whom; see {@link ConnectionArgs}.
   * @default what the stack's configuration, the environment or `~/.kube/config` names
   */
  readonly connection?: pulumi.Input<ConnectionArgs> | undefined;
  /**
   * `prune` shows the plan in previews and executes it in `up`. `report` plans, writes its report, says in every run
   * what would be pruned, and never prunes.
   * @default "prune"
   */
  readonly mode?: pulumi.Input<"prune" | "report"> | undefined;
  /**
   * `safe` prunes nothing that a live reference needs to be pulled. `oc` decides exactly as `oc adm prune images`, gaps
   * included.
   * @default "safe"
   */
  readonly rules?: pulumi.Input<"safe" | "oc"> | undefined;
  /**
   * Prune the streams of this namespace only.
   * @default all
   */
  readonly namespace?: pulumi.Input<string> | undefined;
  /**
   * Also imported images, not only those that were pushed to the integrated registry.
   * @default true
   */
  readonly allImages?: pulumi.Input<boolean> | undefined;
  /**
   * Keep streams, revisions and Images that are younger: `"60m"`, `"720h"`, `"30d"`, or a number of minutes.
   * @default "60m"
   */
  readonly keepYoungerThan?: Age | undefined;
  /**
   * How many of the newest revisions of each tag to keep.
   * @default 3
   */
  readonly keepTagRevisions?: pulumi.Input<number> | undefined;
  /**
   * Keep Images that no stream lists for so long, since they or their last listing appeared. As `keepYoungerThan`.
   * @default "24h"
   */
  readonly keepUnreferencedYoungerThan?: Age | undefined;
  /**
   * Go by the LimitRanges' size for images instead of by revisions; `keepYoungerThan` still holds with `rules: "safe"`.
   * @default false
   */
  readonly pruneOverSizeLimit?: pulumi.Input<boolean> | undefined;
  /**
   * Delete layers and manifests in the integrated registry too. `false` deletes objects of the API only; the blobs stay,
   * and only a hard prune finds them later.
   * @default true
   */
  readonly pruneRegistry?: pulumi.Input<boolean> | undefined;
  /** How to reach the integrated registry. */
  readonly registry?: pulumi.Input<PruneRegistryArgs> | undefined;
  /**
   * Pull specs that nobody can read: `fail` lists them all and stops, `ignore` goes on without them, `wildcard` lets each
   * keep everything that it may mean.
   * @default "fail"
   */
  readonly invalidRefs?: pulumi.Input<"fail" | "ignore" | "wildcard"> | undefined;
  /**
   * What may be pruned. With `select.tags` no Image is pruned that no stream listed before: its tags are not known.
   * @default everything
   */
  readonly select?: pulumi.Input<StreamSelectionArgs> | undefined;
  /**
   * What may not.
   * @default nothing
   */
  readonly keep?: pulumi.Input<KeepArgs> | undefined;
  /** What a plan may prune at most. */
  readonly limits?: pulumi.Input<PruneLimitsArgs> | undefined;
  /**
   * Further objects that name images, like ConfigMaps. Custom resources are read without it.
   * @default []
   */
  readonly extraReferences?: pulumi.Input<pulumi.Input<ExtraReferenceArgs>[]> | undefined;
  /**
   * Resources that may stay unread when they cannot be read: `virtualmachines.kubevirt.io`, `*.example.io`. Workloads,
   * builds and mirrors by their full names only, like `builds`. Otherwise the run stops.
   * @default []
   */
  readonly allowUnreadable?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /**
   * Custom and other resources, as `<plural>.<group>` and by glob, that are not even tried, because they use no image:
   * `*.aquasecurity.github.io`. Workloads, builds and streams are always read; events and measurements never are.
   * @default []
   */
  readonly skipKinds?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Path of a plan report in JSON: only what it lists may be pruned. */
  readonly approvedPlan?: pulumi.Input<string> | undefined;
  /** Only the plan with this fingerprint is executed. */
  readonly approvedFingerprint?: pulumi.Input<string> | undefined;
  /**
   * Path of a report to write in previews and in `up`: `.html`, `.md` or `.json`; relative to the folder of
   * `Pulumi.yaml`.
   */
  readonly planReport?: pulumi.Input<string> | undefined;
  /**
   * Guards to pass over: states of the cluster that would otherwise stop a prune.
   * @default []
   */
  readonly force?: pulumi.Input<pulumi.Input<ForcibleObjection>[]> | undefined;
  /**
   * Measure ages at this instant: `2026-11-21T08:00:00Z`.
   * @default the server's now
   */
  readonly asOf?: pulumi.Input<string> | undefined;
  /**
   * Streams, and then Images, at a time; 1 to 64.
   * @default 5
   */
  readonly workers?: pulumi.Input<number> | undefined;
  /**
   * Any change is an update.
   * @default []
   */
  readonly triggers?: pulumi.Input<pulumi.Input<unknown>[]> | undefined;
  /**
   * Time limits: `"90s"`, `"10m"`, `"1h30m"` or a number of seconds.
   * @default check 15m, create 12h, update 12h
   */
  readonly timeouts?: TimeoutsArgs<"check" | "create" | "update"> | undefined;
}

/** A duration like `"60m"`, `"720h"`, `"30d"`, or a number of minutes. */
type Age = pulumi.Input<string | number>;
