/** A version as the server reads it: no leading zeros, as semver has it. */
interface Version {
  readonly numbers: readonly bigint[];
  readonly prerelease: readonly string[];
}

const number = "(0|[1-9]\\d*)";
const full = new RegExp(`^${number}\\.${number}\\.${number}(?:-([0-9A-Za-z.-]+))?(?:\\+[0-9A-Za-z.-]+)?$`);
const minor = new RegExp(`^${number}\\.${number}(?:-(\\w+))?$`);

/** The order in which a repository import takes tags: latest, x.y descending, full versions descending, the rest by name. */
export function orderedTags(tags: readonly string[]): readonly string[] {
  return tags
    .map(rankedTag)
    .sort(compareRanked)
    .map(({ tag }) => tag);
}

interface RankedTag {
  readonly tag: string;
  readonly rank: number;
  readonly version: Version | undefined;
}

function rankedTag(tag: string): RankedTag {
  if (tag === "latest") return { tag, rank: 0, version: undefined };
  const text = tag.startsWith("v") ? tag.slice(1) : tag;
  const [, major, second, prerelease] = minor.exec(text) ?? [];
  if (major !== undefined) return { tag, rank: 1, version: versionOf([major, second, "0"], prerelease) };
  const [, first, middle, patch, suffix] = full.exec(text) ?? [];
  if (first !== undefined) return { tag, rank: 2, version: versionOf([first, middle, patch], suffix) };
  return { tag, rank: 3, version: undefined };
}

function versionOf(numbers: readonly (string | undefined)[], prerelease: string | undefined): Version {
  return { numbers: numbers.map((each) => BigInt(each ?? 0)), prerelease: prerelease?.split(".") ?? [] };
}

function compareRanked(left: RankedTag, right: RankedTag): number {
  if (left.rank !== right.rank) return left.rank - right.rank;
  const difference =
    left.version === undefined || right.version === undefined
      ? 0
      : compareVersions(left.version, right.version);
  // Of equal versions the one without `v` comes first.
  return difference !== 0 ? -difference : left.tag < right.tag ? -1 : left.tag > right.tag ? 1 : 0;
}

function compareVersions(left: Version, right: Version): number {
  for (const [index, each] of left.numbers.entries()) {
    const other = right.numbers[index] ?? 0n;
    if (each !== other) return each < other ? -1 : 1;
  }
  const isRelease = (version: Version): number => (version.prerelease.length === 0 ? 1 : 0);
  if (isRelease(left) !== isRelease(right)) return isRelease(left) - isRelease(right);
  for (const [index, each] of left.prerelease.entries()) {
    const other = right.prerelease[index];
    if (other === undefined) return 1;
    const difference = compareIdentifiers(each, other);
    if (difference !== 0) return difference;
  }
  return left.prerelease.length - right.prerelease.length;
}

/** Numbers by their value, and before words. */
function compareIdentifiers(left: string, right: string): number {
  const [isLeftNumber, isRightNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (isLeftNumber && isRightNumber) return Number(BigInt(left) - BigInt(right));
  if (isLeftNumber !== isRightNumber) return isLeftNumber ? -1 : 1;
  return left < right ? -1 : left > right ? 1 : 0;
}
