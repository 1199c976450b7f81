/** Where an object says nothing of images: what its server and its node note down about it. */
export interface OwnNotes {
  /** Of the object. */
  readonly metadata: unknown;
  /** Whether it is a pod: the ID of a container has as many digits as a digest, and every container has another one. */
  readonly isPod: boolean;
}

/** managedFields repeat other fields; the object's own namespace is searched anyway. */
const ofMetadata: ReadonlySet<string> = new Set([
  "creationTimestamp",
  "managedFields",
  "namespace",
  "resourceVersion",
  "uid",
]);

/** `holder` is the object that has the field. */
export function isOwnNote(field: string, holder: object, { metadata, isPod }: OwnNotes): boolean {
  if (holder === metadata) return ofMetadata.has(field);
  return isPod && field === "containerID";
}
