/** `v1, v2 and 3 more`: as many names as `most`, in their order. */
export function nameList(names: readonly string[], most: number): string {
  const shown = names.slice(0, most).join(", ");
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
