/** The few names that generated clusters are made of, so that they meet often. */
export const takenAt = Date.parse("2026-11-20T12:00:00Z");

export const namespaces = ["a", "b", "c"];
export const streamNames = ["web", "app"];
export const repositories = namespaces.flatMap((namespace) =>
  streamNames.map((name) => `${namespace}/${name}`),
);
export const plainTags = ["latest", "v1", "v2"];

export const digests = Array.from("0123456789ab", (digit) => `sha256:${digit.repeat(64)}`);
export const configs = ["c0", "c1", "c2", "c3", "c4"].map((pair) => `sha256:${pair.repeat(32)}`);
export const layers = ["d0", "d1", "d2", "d3", "d4", "d5"].map((pair) => `sha256:${pair.repeat(32)}`);
/** A digest that no cluster knows. */
export const strangeDigest = `sha256:${"e".repeat(64)}`;

/** Tags of things attached to the first images, in their order. */
export const artifactTags = [
  `sha256-${"0".repeat(64)}.sig`,
  `sha256-${"1".repeat(64)}.att`,
  `sha256-${"2".repeat(64)}`,
];

export const labels = { tier: "gold" };
