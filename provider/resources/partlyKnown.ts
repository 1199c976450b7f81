import * as pulumi from "@pulumi/pulumi";

/** `apply` as the SDK's own property access uses it: also on a value with parts that are not known. */
interface PartlyKnown<Value> {
  apply<Result>(select: (value: Value) => Result, runWithUnknowns: true): pulumi.Output<Result>;
}

/** Takes a part out of an output whose other parts may be unknown; the answer is unknown where that part is. */
export function applyPartly<Value, Result>(
  output: pulumi.Output<Value>,
  select: (value: Value) => Result,
): pulumi.Output<Result> {
  const partly = output as unknown as PartlyKnown<Value | undefined>;
  return partly.apply((value) => {
    if (value === undefined || pulumi.isUnknown(value)) return undecided;
    return select(value);
  }, true);
}

/** As the result of an `apply` it makes the output unknown. */
export const undecided = pulumi.unknown as never;
