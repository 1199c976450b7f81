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
    const adoption = type === "ImportedImageStream" ? adoptionOf(options[option]) : "";
    throw new pulumi.RunError(
      `${label}: the option ${option} does not work with resources of this package; ${instead}${adoption}`,
    );
  }
}

/** The program that adopts the stream of an ID, and the command that prints it with all its tags. */
function adoptionOf(id: unknown): string {
  const [namespace, name, ...more] = typeof id === "string" ? id.split("/") : [];
  if (namespace === undefined || name === undefined || more.length > 0) return "";
  if (![namespace, name].every((part) => /^[a-z0-9][a-z0-9._-]*$/.test(part))) return "";
  return (
    `, like new okd.ImportedImageStream("${name}", { namespace: "${namespace}", name: "${name}", tags: { ... }, adopt: true }). ` +
    `This prints it with all its tags: npx pulumi-okd-images generate ${name} -n ${namespace}`
  );
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
