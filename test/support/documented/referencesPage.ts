import { type ApiResource, resourceName } from "../../../provider/okd/objects.js";
import {
  kindsWithoutImages,
  type OtherKinds,
  skippedKinds,
} from "../../../provider/prune/plan/kinds/withoutImages.js";
import {
  type FieldMeaning,
  meaningfulNames,
  namesOfTheirHolder,
} from "../../../provider/usage/customResources/fieldMeaning.js";
import { type HoldingName, holdingNames } from "../../../provider/usage/customResources/holdingNames.js";
import { mirrorResources, referrerKinds, streamResource } from "../../../provider/usage/kinds.js";
import { mirrorPlaces } from "../../../provider/usage/mirrors.js";
import type { FieldPath, Place, PlaceContent } from "../../../provider/usage/place.js";
import { streamPlaces } from "../../../provider/usage/toStreamFacts.js";

/** `docs/reference/references.md`, made of what the readers read by. */
export function referencesPage(): string {
  const kinds = [
    ...referrerKinds.map(({ resource, places }) => ({ resource, places })),
    { resource: streamResource, places: streamPlaces },
    ...mirrorResources.map((resource, at) => ({
      resource,
      places: [mirrorPlaces[at] ?? mirrorPlaces.at(-1)].filter((place) => place !== undefined), // policies have one field
    })),
  ];
  return [
    introduction,
    table(["kind", "where", "what counts", "by `oc`, too"], kinds.flatMap(placeRows)),
    contents,
    anywhere,
    table(["names of fields", "what their text is"], meaningfulNames.flatMap(meaningRows)),
    afterNames,
    listed,
    table(["names of properties", "what they promise"], holdingNames.map(holdingRow)),
    notListed,
    table(["kinds", "why"], [...kindsWithoutImages, ...skippedKinds].map(otherKindsRow)),
    notRead,
    table(["not read", "why"], unread),
  ]
    .join("\n\n")
    .concat("\n");
}

interface Kind {
  readonly resource: ApiResource;
  readonly places: readonly Place[];
}

function placeRows({ resource, places }: Kind): readonly (readonly string[])[] {
  const kind = `\`${resourceName(resource)}\``;
  if (places.length === 0) return [[kind, "everything", "as below", ""]];
  return places.map(({ path, content, readByOc }, at) => [
    at === 0 ? kind : "",
    `\`${pathText(path)}\``,
    contentTexts[content],
    readByOc ? "yes" : "",
  ]);
}

export function pathText(path: FieldPath): string {
  return path.reduce((text, step) => {
    if (/[./]/.test(step)) return `${text}["${step}"]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}

const contentTexts: Readonly<Record<PlaceContent, string>> = {
  "pull spec": "pull spec",
  "object reference": "`{kind, namespace, name}`",
  "image ID": "digest of a manifest or of a config, bare or behind a pull spec",
  Dockerfile: "`FROM`, `COPY --from`, `--mount=from`",
  mirrors: "`{source, mirrors}`",
};

const meaningTexts: Readonly<Record<FieldMeaning, string>> = {
  image: "an image; a single word counts too, without a tag as `latest`",
  repository: "an image whose tag stands beside it; where none does, all tags of the stream",
  tag: "the tag of the images beside it, also as a number",
  digest: "a digest",
  registry: "what stands before the names beside it",
  namespace: "where short names beside it may be meant",
  other: "nothing by its name",
};

function meaningRows({
  meaning,
  names = [],
  ends = [],
  parts = [],
}: (typeof meaningfulNames)[number]): readonly (readonly string[])[] {
  const written = [...names, ...ends.map((end) => `…${end}`), ...parts.map((part) => `…${part}…`)];
  return [[written.map((name) => `\`${name}\``).join(", "), meaningTexts[meaning]]];
}

const introduction = `# Where references to images are looked for

What decides under \`rules: "safe"\` whether an image is in use, as the code reads it. Under \`rules: "oc"\` only what \`oc\` reads
counts, as it reads it. \`npm run docs\` writes this page anew; a test fails when it is not what the code does.

## Kinds that have places of their own

A reference that stands here and cannot be read is an *invalid reference* (\`invalidRefs\`). The host never matters.`;

const contents = `- A **pull spec** by digest keeps the digest wherever a stream lists it, with the indexes that contain it and what it contains;
  one by tag keeps what the tag points to now. A short name is one of the object's namespace.
- An **object reference** is an ImageStreamTag, an ImageStreamImage or a DockerImage.
- **Mirrors** lead in both directions: what names the source uses the mirror, and what names the mirror the source.`;

const anywhere = `## Everywhere in them, and in custom resources

All of an object is read besides: custom resources, objects of \`extraReferences\`, and the kinds above (of a pod that a template
made, only digests: the template says the rest).

- Each digest: \`sha256:\` with 64 digits in any spelling, or these alone, in any text and any name of a field, annotations included.
- What may be a pull spec of a stream that the cluster has, alone or among the words of a text: with a tag or a slash in any field,
  else as the name of its field says. It is never an invalid reference, and means nothing where there is no such stream.
- \`{kind, namespace, name}\` of an ImageStreamTag, ImageStreamImage, ImageStream or DockerImage.
- Pairs as \`{name: IMAGE, value: …}\` are fields of that name; options (\`--image=…\`), lines of YAML and JSON inside of texts are too.
- Dockerfiles inside of texts, with the values of their \`ARG\`s; Templates with the values of their parameters.
- Files in \`data:\` URLs, as machine configuration has them, also in base64 and packed.
- A tag that is a variable may be any: all tags of the stream count.

Names of fields count in any spelling (\`newTag\`, \`NEW_TAG\`, \`new-tag\`); the first row that fits decides:`;

const afterNames = `${namesOfTheirHolder.map((name) => `\`${name}\``).join(", ")} mean what the field means that has them: \`image: {name: web}\`.`;

function holdingRow({ names = [], parts = [], reach, why }: HoldingName): readonly string[] {
  const written = [...names, ...parts.map((part) => `…${part}…`)];
  return [
    written.map((name) => `\`${name}\``).join(", "),
    reach === "below" ? `${why}; all that is below` : why,
  ];
}

function otherKindsRow({ groups = [], kinds = [], why }: OtherKinds): readonly string[] {
  return [[...kinds, ...groups.map((group) => `*.${group}`)].map((name) => `\`${name}\``).join(", "), why];
}

const listed = `## Which custom resources are listed

Those whose schema has a text under one of these names, a text that its description calls an image or a container, a part that takes
whatever is written there, or no schema; aggregated APIs that nobody knows, too.`;

const notListed = `## Which kinds are not listed

Besides those that \`skipKinds\` names:`;

const notRead = "## What is not read";

const unread: readonly (readonly [what: string, why: string])[] = [
  ["`metadata.managedFields`", "it names fields again that stand elsewhere in the object"],
  ["`containerID` in pods", "a container's own ID, which only looks like a digest"],
  [
    "`status.images` of nodes",
    "what a node has in its cache was pulled once and need not be in use; it would keep whatever was pulled lately",
  ],
  [
    "pods that have ended, if they are old",
    "they pull nothing any more; a controller that starts them again names the image itself",
  ],
  [
    "ConfigMaps",
    "nothing says which of them are settings that somebody pulls by; `extraReferences` names those that are",
  ],
  [
    "Secrets",
    "nobody should need the right to read them for a prune; `extraReferences` names those that count",
  ],
  ["Events", "they tell what was pulled, not what will be"],
  ["`relatedObjects` of ClusterOperators", "names of objects, which are read themselves"],
  [
    "ReplicaSets and Jobs that are gone",
    "what only a person, Git or a chart still names: `keep.digestsFrom`",
  ],
  ["other clusters", "workloads that pull by a route are not known here: `keep.digestsFrom`, `keep`"],
];

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}
