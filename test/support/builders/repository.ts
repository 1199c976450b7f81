import type { TagSelection } from "../../../provider/imports/args/desiredRepository.js";

/** Every tag of `quay.io/acme/web` under its own name, unless told otherwise. */
export function tagSelection(overrides: Partial<TagSelection> = {}): TagSelection {
  return {
    image: "quay.io/acme/web",
    include: [],
    exclude: [],
    pattern: undefined,
    extract: undefined,
    semver: undefined,
    sort: undefined,
    limit: undefined,
    as: "{tag}",
    ...overrides,
  };
}
