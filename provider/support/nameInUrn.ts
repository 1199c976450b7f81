/** The name that the program gave the resource: what stands behind the last `::` of a URN. */
export function nameInUrn(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}
