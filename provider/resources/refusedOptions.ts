import * as pulumi from "@pulumi/pulumi";

/** What to use instead of `import`: Pulumi imports an object by its ID alone, without the code to read it (facts/pulumi.md 37). */
const insteadOfImport: Readonly<Record<string, string>> = {
  ImportedImageStream: "use adopt: true among the arguments, which takes over tags that exist",
  ImagePrunePolicy: "leave it out, for a policy is no object on the cluster",
  ImageArchive: "leave it out, for a file that holds just these images is taken over",
};

/** @throws RunError with the way out */
export function refuseImport(
  type: string,
  label: string,
  options: pulumi.CustomResourceOptions | undefined,
): void {
  for (const option of ["import", "id"] as const) {
    if (options?.[option] === undefined) continue;
    const instead = insteadOfImport[type] ?? "leave it out";
    throw new pulumi.RunError(
      `${label}: the option ${option} does not work with resources of this package; ${instead}`,
    );
  }
}

/** Warns of time limits without effect: Pulumi does not pass them to dynamic providers (facts/pulumi.md 33). */
export function warnOfTimeouts(
  options: pulumi.CustomResourceOptions | undefined,
  resource: pulumi.Resource,
): void {
  const given = Object.entries(options?.customTimeouts ?? {}).filter(([, limit]) => limit !== undefined);
  if (given.length === 0) return;
  const limits = given.map(([verb, limit]) => `${verb}: ${JSON.stringify(limit)}`).join(", ");
  void pulumi.log.warn(
    `the option customTimeouts has no effect here; use the argument timeouts: { ${limits} } instead`,
    resource,
  );
}
