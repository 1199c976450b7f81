import type * as pulumi from "@pulumi/pulumi";
import type { ClusterIdentity } from "../okd/clusterIdentity.js";
import type { LastPrune, PrunePlan } from "../prune/outputs.js";
import type { ImagePrunePolicyArgs } from "./args/imagePrunePolicy.js";
import { OkdResource, type ResourceKind } from "./okdResource.js";
import { imagePrunePolicyStub } from "./stubs.js";

/**
 * Prunes images that nothing needs any more: a preview shows exactly what would be pruned, and why; `up` prunes that, as
 * far as it is still unused, and never more. Destroying the resource forgets the policy and deletes nothing.
 */
export class ImagePrunePolicy extends OkdResource {
  /** What is to be pruned. Known in previews; in the state, `items` of an executed plan is empty. */
  declare readonly plan: pulumi.Output<PrunePlan>;
  /** What the last prune did that had something to do; undefined before the first. */
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
