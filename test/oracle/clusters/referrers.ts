import fc from "fast-check";
import type {
  ContainerImage,
  ImageSource,
  Mentions,
  Referrer,
  TemplateKind,
} from "../../../provider/usage/referrer.js";
import {
  configs,
  digests,
  namespaces,
  plainTags,
  repositories,
  strangeDigest,
  streamNames,
  takenAt,
} from "./universe.js";

const tagSuffixes = ["", ...plainTags.map((tag) => `:${tag}`)];
const digestSuffixes = digests.map((digest) => `@${digest}`);

/** Every spelling: any host, mirrored paths, what `oc` drops (facts/pruning.md 9), names without host or namespace. */
export const pullSpecs: fc.Arbitrary<string> = fc
  .record({
    before: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...repositories.map((repository) => `r.io/${repository}`)) },
      { weight: 1, arbitrary: fc.constantFrom("localhost:5000/a/web", "mirror.example/extra/a/web") },
      {
        weight: 1,
        arbitrary: fc.constantFrom(...repositories, "quay.io/ext/tool", "quay.io/a/web", "quay.io/web"),
      },
      { weight: 2, arbitrary: fc.constantFrom(...streamNames) },
    ),
    suffix: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...tagSuffixes) },
      { weight: 1, arbitrary: fc.constantFrom(...digestSuffixes) },
      { weight: 1, arbitrary: fc.constantFrom(...digestSuffixes.map((digest) => `:v1${digest}`)) },
    ),
    around: fc.oneof(
      { withCrossShrink: true },
      { weight: 4, arbitrary: fc.constant("") },
      { weight: 1, arbitrary: fc.constant(" ") },
    ),
  })
  .map(({ before, suffix, around }) => `${around}${before}${suffix}${around}`);

/** Among them some that name a digest or a stream all the same. */
const blankOrInvalid = fc.constantFrom(
  "",
  " ",
  "::",
  "r.io/a/web:bad tag",
  "see r.io/b/app",
  ...digests.map((digest) => `R.io/A/WEB@${digest}`),
);

const imageTexts = fc.oneof({ weight: 12, arbitrary: pullSpecs }, { weight: 1, arbitrary: blankOrInvalid });

/** Object references as builds, triggers and spec tags hold them. */
export const sources: fc.Arbitrary<ImageSource> = fc.oneof(
  fc.record({ kind: fc.constant("DockerImage"), namespace: fc.constant(""), name: pullSpecs }),
  fc.record({
    kind: fc.constant("ImageStreamTag"),
    namespace: fc.constantFrom("", ...namespaces),
    name: fc
      .tuple(fc.constantFrom(...streamNames), fc.constantFrom(...plainTags))
      .map(([stream, tag]) => `${stream}:${tag}`),
  }),
  fc.record({
    kind: fc.constant("ImageStreamImage"),
    namespace: fc.constantFrom("", ...namespaces),
    name: fc
      .tuple(fc.constantFrom(...streamNames), fc.constantFrom(...digests))
      .map(([stream, digest]) => `${stream}@${digest}`),
  }),
);

/** As container runtimes spell them: manifest or config, with or without algorithm, pull spec or scheme before it. */
const imageIds: fc.Arbitrary<string> = fc
  .record({
    digest: fc.constantFrom(...configs, ...digests, strangeDigest),
    spelling: fc.constantFrom("bare", "digest", "scheme", "pull spec"),
  })
  .map(({ digest, spelling }) => {
    switch (spelling) {
      case "bare":
        return digest.replace("sha256:", "");
      case "scheme":
        return `docker://${digest}`;
      case "pull spec":
        return `docker-pullable://r.io/a/web@${digest}`;
      default:
        return digest;
    }
  });

/** With a tag, or any. */
const possibleSpecs: fc.Arbitrary<string> = fc
  .record({
    name: fc.constantFrom(
      ...repositories,
      ...repositories.map((each) => `r.io/${each}`),
      ...streamNames,
      "quay.io/ext/tool",
    ),
    tag: fc.constantFrom(...plainTags, "*"),
  })
  .map(({ name, tag }) => `${name}:${tag}`);

const mentions: fc.Arbitrary<Mentions> = fc.record({
  possibleSpecs: fc.array(possibleSpecs, { maxLength: 1 }),
  pullSpecs: fc.array(fc.record({ field: fc.constant("volume data"), text: imageTexts }), { maxLength: 1 }),
  sources: fc.array(sources, { maxLength: 1 }),
  digests: fc.array(fc.constantFrom(...digests, strangeDigest), { maxLength: 1 }),
  imageIds: fc.array(imageIds, { maxLength: 1 }),
});

const objectName = {
  namespace: fc.constantFrom(...namespaces),
  name: fc.constantFrom("x", "y", "z"),
  mentions: fc.oneof(
    { withCrossShrink: true },
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: mentions },
  ),
};

const containers: fc.Arbitrary<readonly ContainerImage[]> = fc.array(
  fc.record({
    role: fc.constantFrom("container" as const, "init container" as const),
    name: fc.constantFrom("web", "log"),
    image: imageTexts,
  }),
  { maxLength: 2 },
);

const templateKinds: readonly TemplateKind[] = ["deployment", "replicaset", "statefulset", "cronjob"];

/** Objects of all kinds; pods of all phases and around the age of an hour. */
export const referrers: fc.Arbitrary<Referrer> = fc.oneof(
  fc.record({
    kind: fc.constant("pod" as const),
    ...objectName,
    phase: fc.constantFrom("Running", "Pending", "Succeeded", "Failed", "Unknown"),
    createdAt: fc.constantFrom(...[100_000, 1, 59, 60, 61].map((age) => takenAt - age * 60_000), -Infinity),
    images: containers,
  }),
  fc.record({ kind: fc.constantFrom(...templateKinds), ...objectName, images: containers }),
  fc.record({
    kind: fc.constantFrom("build" as const, "buildconfig" as const),
    ...objectName,
    from: fc.option(sources, { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant("other" as const),
    ...objectName,
    namespace: fc.constantFrom("", ...namespaces),
    objectKind: fc.constantFrom("controllerrevision", "node"),
    mentions,
  }),
);
