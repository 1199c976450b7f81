import compareBuild from "semver/functions/compare-build";
import parse from "semver/functions/parse";
import Range from "semver/classes/range";
import type SemVer from "semver/classes/semver";

/** `v` before it, one to three numbers, a pre-release, and after `_` what SemVer writes after `+`, which no tag may hold. */
const versionTag =
  /^[vV]?(\d{1,15})(?:\.(\d{1,15}))?(?:\.(\d{1,15}))?(-[0-9A-Za-z.-]+)?(?:_([0-9A-Za-z.-]+))?$/;

/** The version that a tag, or a part of one, names: `v1.2` is 1.2.0, `2024.01` is 2024.1.0, `1.2.3_4` is 1.2.3+4. */
export function versionOf(text: string): SemVer | undefined {
  const match = versionTag.exec(text);
  if (match === null) return undefined;
  const [, major, minor = "0", patch = "0", preRelease = "", build] = match;
  const numbers = [major, minor, patch].map(Number).join(".");
  return parse(`${numbers}${preRelease}${build === undefined ? "" : `+${build}`}`) ?? undefined;
}

/** Equal versions by what follows `+`, as in rebuilds. */
export function byVersion(a: SemVer, b: SemVer): number {
  return compareBuild(a, b);
}

/** Whether a comparator names a pre-release: `>=1.0.0-0`, but not the hyphen of `1.2 - 2.3`. */
const namesPreRelease = /\d-[0-9A-Za-z]/;

/** A range that names a pre-release admits those of every version; others admit none. Undefined for what is no range. */
export function versionRange(text: string): ((version: SemVer) => boolean) | undefined {
  try {
    const range = new Range(text, { includePrerelease: namesPreRelease.test(text) });
    return (version) => range.test(version);
  } catch {
    return undefined;
  }
}
