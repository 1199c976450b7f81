import type * as pulumi from "@pulumi/pulumi";

/** Time limits of a resource's verbs, like `"90s"`, `"10m"` or a number of seconds. */
export type TimeoutsArgs<Verb extends string> = pulumi.Input<{
  readonly [Each in Verb]?: pulumi.Input<string | number> | undefined;
}>;
