import type { DesiredStream, DesiredTag, ImageTag } from "../../../provider/imports/args/desiredStream.js";
import { type Claim, withClaims } from "../../../provider/imports/plan/claims.js";
import type { ImageStream, NamedTagEventList, TagReference } from "../../../provider/okd/imageStream.js";

/** A digest that is easy to recognise: `digest("a")` is `sha256:aaaa…`. */
export function digest(letter: string): string {
  return `sha256:${letter.repeat(64)}`;
}

export function desiredTag(name: string, overrides: Partial<ImageTag> = {}): ImageTag {
  return {
    kind: "image",
    name,
    image: `quay.io/acme/web:${name}`,
    scheduled: false,
    insecure: false,
    importMode: undefined,
    mirror: false,
    referencePolicy: "Source",
    annotations: {},
    ...overrides,
  };
}

export function desiredStream(
  tags: readonly DesiredTag[],
  overrides: Partial<DesiredStream> = {},
): DesiredStream & { readonly namespace: string } {
  return {
    name: "web",
    labels: {},
    annotations: {},
    pullSecret: undefined,
    lookupLocal: undefined,
    tags,
    repository: undefined,
    selected: [],
    trackUpstream: "pinned",
    adopt: false,
    onDestroy: "owned",
    deleteInUse: false,
    integratedRegistry: { url: undefined, caCert: undefined, skipTlsVerify: false },
    reimport: "none",
    sourceRepository: undefined,
    triggers: [],
    ...overrides,
    namespace: overrides.namespace ?? "shop",
  };
}

/** A tag as the cluster holds it: imported as `digest`, unless told otherwise. */
export interface LiveTag {
  readonly spec: TagReference | undefined;
  readonly status: NamedTagEventList | undefined;
}

export function liveTag(name: string, image: string, overrides: Partial<TagReference> = {}): LiveTag {
  const generation = 2;
  return {
    spec: {
      name,
      annotations: null,
      from: { kind: "DockerImage", name: `quay.io/acme/web:${name}` },
      generation,
      importPolicy: { importMode: "Legacy" },
      referencePolicy: { type: "Source" },
      ...overrides,
    },
    status: {
      tag: name,
      items: [
        {
          created: "2026-01-01T00:00:00Z",
          dockerImageReference: `quay.io/acme/web@${image}`,
          image,
          generation,
        },
      ],
    },
  };
}

export function failedTag(name: string, message: string, lastGood?: string): LiveTag {
  const live = liveTag(name, lastGood ?? digest("0"));
  const condition = { type: "ImportSuccess", status: "False", reason: "NotFound", message, generation: 2 };
  const items = lastGood === undefined ? null : (live.status?.items ?? null);
  return { spec: live.spec, status: { tag: name, items, conditions: [condition] } };
}

export function imageStream(
  tags: readonly LiveTag[],
  overrides: {
    readonly claims?: readonly Claim[];
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
    readonly uid?: string;
  } = {},
): ImageStream {
  return {
    metadata: {
      namespace: "shop",
      name: "web",
      uid: overrides.uid ?? "uid-1",
      resourceVersion: "7",
      generation: 2,
      ...(overrides.labels === undefined ? {} : { labels: overrides.labels }),
      annotations: withClaims(overrides.annotations ?? {}, overrides.claims ?? []),
    },
    spec: {
      lookupPolicy: { local: false },
      tags: tags.flatMap((tag) => (tag.spec === undefined ? [] : [tag.spec])),
    },
    status: {
      dockerImageRepository: "registry.svc:5000/shop/web",
      tags: tags.flatMap((tag) => (tag.status === undefined ? [] : [tag.status])),
    },
  };
}

export function claim(id: string, tags: readonly string[], overrides: Partial<Claim> = {}): Claim {
  return { id, resource: `urn:${id}`, tags, created: false, ...overrides };
}
