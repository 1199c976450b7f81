const version = /^v?(\d+)\.(\d+)(?:\.(\d+))?((?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)$/;

/** The order in which a repository import takes tags: latest, x.y descending, full versions descending, the rest by name. */
export function orderedTags(tags: readonly string[]): readonly string[] {
  return [...tags].sort((left, right) => rank(left) - rank(right) || compareWithinRank(left, right));
}

function rank(tag: string): number {
  if (tag === "latest") return 0;
  const parts = version.exec(tag);
  if (parts === null) return 3;
  return parts[3] === undefined ? 1 : 2;
}

function compareWithinRank(left: string, right: string): number {
  const leftParts = version.exec(left);
  const rightParts = version.exec(right);
  if (leftParts !== null && rightParts !== null) {
    for (const index of [1, 2, 3]) {
      const difference = Number(rightParts[index] ?? 0) - Number(leftParts[index] ?? 0);
      if (difference !== 0) return difference;
    }
  }
  return left < right ? -1 : left > right ? 1 : 0;
}
