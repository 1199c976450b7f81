import fc from "fast-check";
import type { ClusterSnapshot } from "../../../provider/prune/snapshot.js";
import type { MirrorRule } from "../../../provider/usage/mirrors.js";
import type { Referrer } from "../../../provider/usage/referrer.js";
import { clusters } from "./snapshots.js";
import { namespaces, plainTags, repositories, streamNames, takenAt } from "./universe.js";

/** The repository of a stream under another name: how it is called there, and the rule that leads from one to the other. */
interface Detour {
  readonly rule: MirrorRule;
  readonly reference: string;
}

/** Only through a mirror, or only by its mirror, do these names mean a stream. */
const detours: fc.Arbitrary<Detour> = fc
  .record({
    namespace: fc.constantFrom(...namespaces),
    name: fc.constantFrom(...streamNames),
    tag: fc.constantFrom("", ...plainTags.map((tag) => `:${tag}`)),
    way: fc.constantFrom("repository", "organisation", "host", "wildcard", "hub", "backwards"),
  })
  .map(({ namespace, name, tag, way }): Detour => {
    switch (way) {
      case "repository":
        return detour("quay.io/ext/thing", `r.io/${namespace}/${name}`, `quay.io/ext/thing${tag}`);
      case "organisation":
        return detour("quay.io:443/ext", `r.io/${namespace}`, `quay.io:443/ext/${name}${tag}`);
      case "host":
        return detour("quay.io", `r.io/${namespace}`, `quay.io/${name}${tag}`);
      case "wildcard":
        return detour("*.example", "r.io", `eu.hub.example/${namespace}/${name}${tag}`);
      case "hub":
        return detour("docker.io/library", `r.io/${namespace}`, `docker.io/library/${name}${tag}`);
      case "backwards":
        return detour(`r.io/${namespace}`, "m.io/copy/of", `m.io/copy/of/${name}${tag}`);
    }
  });

function detour(source: string, mirror: string, reference: string): Detour {
  return { rule: { source, mirrors: ["elsewhere.io/x", mirror] }, reference };
}

/** Each of the ways to name an image by tag. */
const users = fc.constantFrom<(reference: string, at: number) => Referrer>(
  (reference, at) => ({
    ...named(at),
    kind: "pod",
    phase: "Running",
    createdAt: takenAt,
    images: [{ role: "container", name: "web", image: reference }],
  }),
  (reference, at) => ({
    ...named(at),
    kind: "build",
    from: { kind: "DockerImage", namespace: "", name: reference },
  }),
  (reference, at) => ({
    ...named(at),
    kind: "other",
    objectKind: "widget",
    mentions: {
      pullSpecs: [],
      sources: [],
      digests: [],
      imageIds: [],
      possibleSpecs: [reference.replace(/^([^:]*(?::443[^:]*)?)$/, "$1:latest")],
    },
  }),
);

function named(at: number): { readonly namespace: string; readonly name: string } {
  return { namespace: namespaces[0] ?? "", name: `mirrored-${at}` };
}

/** Clusters in which objects name streams by a mirror, or by what is mirrored. */
export const mirroredClusters: fc.Arbitrary<ClusterSnapshot> = fc
  .record({
    cluster: clusters,
    ways: fc.array(fc.record({ detour: detours, user: users }), { minLength: 1, maxLength: 3 }),
    reference: fc.option(detours, { nil: undefined }),
  })
  .map(({ cluster, ways, reference }) => ({
    ...cluster,
    streams:
      reference === undefined
        ? cluster.streams
        : cluster.streams.map((stream) => withReference(stream, reference)),
    mirrors: [...ways.map((way) => way.detour.rule), ...(reference === undefined ? [] : [reference.rule])],
    referrers: ways.map(({ detour: { reference: text }, user }, at) => user(text, at)),
  }));

/** A reference tag of the last stream sends its users there. */
function withReference(
  stream: ClusterSnapshot["streams"][number],
  { reference }: Detour,
): ClusterSnapshot["streams"][number] {
  if (`${stream.namespace}/${stream.name}` !== repositories.at(-1)) return stream;
  const items = [{ digest: "", createdAt: takenAt, pullSpec: reference }];
  return { ...stream, tags: [...stream.tags.filter(({ tag }) => tag !== "ref"), { tag: "ref", items }] };
}
