import * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "./args/connection.js";
import { refuseForeignProvider, refuseReservedArguments, requireArguments } from "./programMistakes.js";
import { refuseImport, warnOfTimeouts } from "./refusedOptions.js";
import { resourceInputs, resourceOptions } from "./resourceOptions.js";
import { refuseSecret, secretArguments, secretInputs, type ShownArguments } from "./secretInputs.js";
import { refuseMistypedConfig } from "./stackConfig.js";

/** What tells the resources of this package apart. */
export interface ResourceKind {
  /** Without the module: `ImageArchive`. */
  readonly type: string;
  readonly stub: pulumi.dynamic.ResourceProvider;
  /** Every output must be named, or it is no property of the resource (facts/pulumi.md 39). */
  readonly outputs: Readonly<Record<string, undefined>>;
  /** The input that a check computes. */
  readonly computed: string;
  readonly shows: ShownArguments;
  /** Arguments that are secret even where the program gives them in clear. */
  readonly confidential?: readonly string[];
  /** Arguments that are part of the resource's ID. */
  readonly inId: readonly string[];
  /** For a program without arguments: `path and images are required`. Undefined where none is. */
  readonly required: string | undefined;
}

interface ConnectedArgs {
  readonly connection?: pulumi.Input<ConnectionArgs> | undefined;
}

/** A resource of this package: in a preview a summary of what will happen stands on its row. */
export abstract class OkdResource extends pulumi.dynamic.Resource {
  protected constructor(
    kind: ResourceKind,
    name: string,
    args: ConnectedArgs | undefined,
    options: pulumi.CustomResourceOptions | undefined,
  ) {
    const { type, stub, outputs } = kind;
    const label = `${type} "${name}"`;
    refuseMistypedConfig();
    refuseForeignProvider(label, options?.provider);
    refuseImport(type, label, options);
    const given = requireArguments(label, kind.required, args);
    refuseReservedArguments(label, given, kind.computed);
    const self = { resource: undefined as pulumi.Resource | undefined };
    super(
      stub,
      name,
      {
        ...outputs,
        ...given,
        ...secretArguments(kind.confidential ?? [], given),
        ...Object.fromEntries(kind.inId.map((key) => [key, refuseSecret(label, key, given[key])])),
        ...resourceInputs(type, name, (given as ConnectedArgs).connection, options?.parent),
        ...secretInputs(kind.shows, given),
      },
      resourceOptions(kind, name, options, () => self.resource as pulumi.Resource),
      "okd",
      type,
    );
    self.resource = this;
    warnOfTimeouts(options, this);
  }
}
