import type * as pulumi from "@pulumi/pulumi";
import type { ClusterIdentity } from "../okd/clusterIdentity.js";
import type { ForcibleObjection } from "../prune/args/prune.js";
import type { PlanInput } from "../prune/plan/preview.js";
import type { LastPrune } from "../prune/state.js";
import type { ConnectionArgs } from "./connectionArgs.js";
import { OkdResource, type ResourceKind } from "./okdResource.js";
import type { TimeoutsArgs } from "./resourceOptions.js";
import { imagePrunePolicyStub } from "./stubs.js";

/** A duration like `"60m"`, `"720h"`, `"30d"`, or a number of minutes. */
type Age = pulumi.Input<string | number>;

/** Streams and tags by name and label; globs with `*`, `?`, `[a-z]`, `[^a-z]`, `{a,b}` and a leading `!`. What is named must all match. */
export interface StreamSelectionArgs {
  readonly namespaces?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** `namespace/name`. */
  readonly streams?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  readonly tags?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Labels of the stream. */
  readonly labels?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
}

/** What stays whatever its age; any match suffices. */
export interface KeepArgs extends StreamSelectionArgs {
  /** `sha256:…`, wherever they are listed; they count as references. */
  readonly digests?: pulumi.Input<pulumi.Input<string>[]> | undefined;
}

/** How to reach the integrated registry. */
export interface PruneRegistryArgs {
  /** `[http(s)://]host[:port]`. Default what the cluster says: external hostnames, route, internal hostname. */
  readonly url?: pulumi.Input<string> | undefined;
  /** CA bundle of the registry: a path or PEM text. Default the system's and the connection's. */
  readonly caCert?: pulumi.Input<string> | undefined;
  /** Do not verify the registry's certificate, and fall back to plain HTTP. Default false. */
  readonly skipTlsVerify?: pulumi.Input<boolean> | undefined;
}

/** What a plan may let go at most; more is a failure that names the numbers. */
export interface PruneLimitsArgs {
  readonly images?: pulumi.Input<number> | undefined;
  /** Items of tags' histories. */
  readonly items?: pulumi.Input<number> | undefined;
  /** `"50GiB"`, `"500MB"`, or a number of bytes. */
  readonly bytes?: pulumi.Input<string | number> | undefined;
  /** Of all Images, and of all items, 0 to 1. Default 0.5 under `rules: "safe"`. */
  readonly fraction?: pulumi.Input<number> | undefined;
}

/** Further objects that name images. */
export interface ExtraReferenceArgs {
  readonly apiVersion: pulumi.Input<string>;
  readonly kind: pulumi.Input<string>;
  /**
   * JSONPath (RFC 9535) of the pull specs, like `$.spec.template.spec.containers[*].image`; digests count wherever they
   * stand. Default the whole object: pull specs count anywhere, too.
   */
  readonly jsonPath?: pulumi.Input<string> | undefined;
}

export interface ImagePrunePolicyArgs {
  /** Which cluster; see {@link ConnectionArgs}. Default the surroundings'. */
  readonly connection?: pulumi.Input<ConnectionArgs> | undefined;
  /** `prune`: show the plan in previews and execute it in `up`. `report`: never prune. Default `prune`. */
  readonly mode?: pulumi.Input<"prune" | "report"> | undefined;
  /**
   * `safe`: nothing goes that a live reference needs to be pulled. `oc`: exactly as `oc adm prune images` decides.
   * Default `safe`.
   */
  readonly rules?: pulumi.Input<"safe" | "oc"> | undefined;
  /** Prune the streams of this namespace only. Default the whole cluster. */
  readonly namespace?: pulumi.Input<string> | undefined;
  /** Also imported images, not only those pushed to the integrated registry. Default true. */
  readonly allImages?: pulumi.Input<boolean> | undefined;
  /** What is younger stays. Default `"60m"`. */
  readonly keepYoungerThan?: Age | undefined;
  /** How many revisions of each tag stay. Default 3. */
  readonly keepTagRevisions?: pulumi.Input<number> | undefined;
  /** How long Images stay that no stream lists. Default `"24h"`. */
  readonly keepUnreferencedYoungerThan?: Age | undefined;
  /** Go by the size limits of LimitRanges instead of by revisions. Default false. */
  readonly pruneOverSizeLimit?: pulumi.Input<boolean> | undefined;
  /** Delete layers and manifests in the integrated registry too. Default true. */
  readonly pruneRegistry?: pulumi.Input<boolean> | undefined;
  readonly registry?: pulumi.Input<PruneRegistryArgs> | undefined;
  /**
   * References that cannot be read: `fail` names them all, `ignore` goes on without them, `wildcard` lets each keep what
   * it may mean. Default `fail`.
   */
  readonly invalidRefs?: pulumi.Input<"fail" | "ignore" | "wildcard"> | undefined;
  /** What may be pruned. Default everything. */
  readonly select?: pulumi.Input<StreamSelectionArgs> | undefined;
  /** What is not. */
  readonly keep?: pulumi.Input<KeepArgs> | undefined;
  readonly limits?: pulumi.Input<PruneLimitsArgs> | undefined;
  /** Further objects that name images, like ConfigMaps. Custom resources are read without it. */
  readonly extraReferences?: pulumi.Input<pulumi.Input<ExtraReferenceArgs>[]> | undefined;
  /**
   * Resources that may stay unread when they cannot be read, like `virtualmachines.kubevirt.io` or `*.example.io`; workloads,
   * builds and mirrors by their full names only, like `builds`. Default none: the run stops.
   */
  readonly allowUnreadable?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /**
   * Custom and other resources, like `reports.example.io` or `*.example.io`, that are not read at all, because no image is
   * used there. Workloads, builds and streams are always read. Default none; events and measurements never are.
   */
  readonly skipKinds?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Path of a plan report in JSON: only what it lists may go. */
  readonly approvedPlan?: pulumi.Input<string> | undefined;
  /** Only the plan with this fingerprint is executed. */
  readonly approvedFingerprint?: pulumi.Input<string> | undefined;
  /** Path of a report to write in previews and in `up`: `.html`, `.md` or `.json`. */
  readonly planReport?: pulumi.Input<string> | undefined;
  /** States of the cluster that would stop a prune and are to be passed over. */
  readonly force?: pulumi.Input<pulumi.Input<ForcibleObjection>[]> | undefined;
  /** Measure ages at this instant, like `2026-11-21T08:00:00Z`. Default the server's now. */
  readonly asOf?: pulumi.Input<string> | undefined;
  /** Streams, and then Images, at a time. Default 5. */
  readonly workers?: pulumi.Input<number> | undefined;
  /** Any change is an update. */
  readonly triggers?: pulumi.Input<pulumi.Input<unknown>[]> | undefined;
  /** Time limits, like `"90s"`, `"10m"` or a number of seconds. Defaults: check 15m, create and update 12h. */
  readonly timeouts?: TimeoutsArgs<"check" | "create" | "update"> | undefined;
}

/**
 * Prunes images that nothing needs any more: a preview shows exactly what would go, and why; `up` prunes that, as far as it
 * still may go, and never more. Destroying the resource forgets the policy and deletes nothing.
 */
export class ImagePrunePolicy extends OkdResource {
  /** What goes. Known in previews; there with every item, up to 200. */
  declare readonly plan: pulumi.Output<PlanInput>;
  /** What the last prune that had something to do has done; undefined before the first. */
  declare readonly lastPrune: pulumi.Output<LastPrune | undefined>;
  /** The cluster that the policy is for. */
  declare readonly cluster: pulumi.Output<ClusterIdentity>;

  constructor(name: string, args?: ImagePrunePolicyArgs, options?: pulumi.CustomResourceOptions) {
    super(kind, name, args, options);
  }
}

const shownInPlan = [
  "namespace",
  "registry",
  "select",
  "keep",
  "extraReferences",
  "allowUnreadable",
  "skipKinds",
];

const kind: ResourceKind = {
  type: "ImagePrunePolicy",
  stub: imagePrunePolicyStub,
  outputs: { plan: undefined, lastPrune: undefined, cluster: undefined },
  computed: "plan",
  shows: { plan: shownInPlan, lastPrune: shownInPlan },
  inId: [],
  required: undefined,
};
