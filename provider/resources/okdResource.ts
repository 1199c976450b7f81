import * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "./connectionArgs.js";
import { resourceInputs, resourceOptions, type Summarise } from "./resourceOptions.js";

/** What tells the resources of this package apart. */
export interface ResourceKind {
  /** Without the module: `ImageArchive`. */
  readonly type: string;
  readonly stub: pulumi.dynamic.ResourceProvider;
  /** Every output must be named, or it is no property of the resource. */
  readonly outputs: Readonly<Record<string, undefined>>;
  readonly summarise: Summarise;
}

interface ConnectedArgs {
  readonly connection?: pulumi.Input<ConnectionArgs> | undefined;
}

/** A resource of this package: in a preview a summary of what will happen stands on its row. */
export abstract class OkdResource extends pulumi.dynamic.Resource {
  protected constructor(
    { type, stub, outputs, summarise }: ResourceKind,
    name: string,
    args: ConnectedArgs,
    options: pulumi.CustomResourceOptions | undefined,
  ) {
    const self = { resource: undefined as pulumi.Resource | undefined };
    super(
      stub,
      name,
      { ...outputs, ...args, ...resourceInputs(type, name, args.connection, options?.parent) },
      resourceOptions(type, name, options, summarise, () => self.resource as pulumi.Resource),
      "okd",
      type,
    );
    self.resource = this;
  }
}
