import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import type { ArchiveInputs } from "../../../provider/archive/args/schema.js";
import type { StreamInputs } from "../../../provider/imports/args/schema.js";
import type {
  ImageArchiveArgs,
  ImagePrunePolicyArgs,
  ImportedImageStreamArgs,
} from "../../../provider/index.js";
import type { PolicyInputs } from "../../../provider/prune/args/schema.js";

/** What hooks get of a resource's arguments. */
type Given<Args> = pulumi.Unwrap<Omit<Args, "connection">>;
/** `true`, or the names that only one of the two has. */
type SameNames<A, B> = [Exclude<keyof A, keyof B>, Exclude<keyof B, keyof A>] extends [never, never]
  ? true
  : { readonly only: Exclude<keyof A, keyof B>; readonly missing: Exclude<keyof B, keyof A> };
/** `true`, or the names of arguments that the schema does not take as the interface lets programs write them. */
type Taken<Args, Inputs> = {
  [Name in keyof Args & keyof Inputs]: Args[Name] extends Inputs[Name] ? never : Name;
}[keyof Args & keyof Inputs] extends infer Refused
  ? [Exclude<Refused, undefined>] extends [never]
    ? true
    : Refused
  : never;
/** The compiler compares; a difference shows as an error at the literal `true`. */
interface Compared<Args, Inputs> {
  readonly names: SameNames<Given<Args>, Inputs>;
  readonly types: Taken<Given<Args>, Inputs>;
}

describe("the interfaces of the arguments", () => {
  it("have the names and types of the schemas", () => {
    // Its name has a default before the schema sees it.
    const stream: Compared<ImportedImageStreamArgs & { readonly name: string }, StreamInputs> = {
      names: true,
      types: true,
    };
    const policy: Compared<ImagePrunePolicyArgs, PolicyInputs> = { names: true, types: true };
    const archive: Compared<ImageArchiveArgs, ArchiveInputs> = { names: true, types: true };
    assert.deepEqual([stream, policy], [archive, archive]);
  });
});
