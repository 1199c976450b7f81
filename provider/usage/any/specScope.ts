/** Names and tags that stand side by side in one object or text, without telling which belong together. */
export interface SpecScope {
  /** A pull spec with its tag. */
  addSpec(spec: string): void;
  /** A name without its tag; `isWhole`: it may mean `latest`. */
  addName(name: string, isWhole: boolean): void;
  /** A text that cannot be a tag, like a variable, stands for an unknown tag. */
  addTag(tag: string): void;
  addDigest(): void;
  /** A host, perhaps with a path. */
  addRegistry(registry: string): void;
  addNamespace(namespace: string): void;
  isEmpty(): boolean;
  /** Every pull spec that is meant, or may be; where no tag is known, with `anyTag`. Forgets all of it. */
  drain(found: (spec: string) => void): void;
  /** Names without a tag beside them, with `anyTag`, if a tag stood anywhere else. Forgets names and tags. */
  drainUntagged(found: (spec: string) => void): void;
}

/** Stands for every tag that the stream has; no tag is called so. */
export const anyTag = "*";

const none: ReadonlySet<string> = new Set();

/** With more parts nothing is combined: each name then stands for all tags of its stream. */
const maxCombined = 8;

const tagText = /^\w[\w.-]{0,127}$/;
const registryText = /^[\w.:/-]{1,255}$/;
export const namespaceText = /^[a-z0-9][a-z0-9-]{0,62}$/;

export function createSpecScope(): SpecScope {
  const whole = new Set<string>();
  const names = new Map<string, { isWhole: boolean }>();
  const tags = new Set<string>();
  const registries = new Set<string>();
  const namespaces = new Set<string>();
  const parts = [whole, names, tags, registries, namespaces];
  let hasDigest = false;
  const untagged = new Set<string>();
  let hadTag = false;

  const tagsOf = (isWhole: boolean): readonly string[] => {
    const isCombined = names.size <= maxCombined && tags.size <= maxCombined;
    if (tags.size > 0) return [...(isWhole ? ["latest"] : []), ...(isCombined ? tags : [anyTag])];
    if (isWhole) return ["latest"];
    return hasDigest ? [] : [anyTag];
  };

  const withPrefixes = (spec: string, prefixes: ReadonlySet<string>, found: (spec: string) => void) => {
    found(spec);
    if (prefixes.size > 0 && prefixes.size <= maxCombined)
      prefixes.forEach((prefix) => found(`${prefix}/${spec}`));
  };

  const drainNames = (found: (spec: string) => void) => {
    for (const [name, { isWhole }] of names) {
      if (isWhole && tags.size === 0) withPrefixes(name, registries, (each) => untagged.add(each));
      for (const tag of tagsOf(isWhole)) {
        withPrefixes(`${name}:${tag}`, registries, found);
        if (!name.includes("/")) withPrefixes(`${name}:${tag}`, namespaces, found);
      }
    }
  };

  return {
    addSpec(spec) {
      whole.add(spec);
    },
    addName(name, isWhole) {
      names.set(name, { isWhole: isWhole && (names.get(name)?.isWhole ?? true) });
    },
    addTag(tag) {
      hadTag = true;
      tags.add(tagText.test(tag) ? tag : anyTag);
    },
    addDigest() {
      hasDigest = true;
    },
    addRegistry(registry) {
      if (registryText.test(registry)) registries.add(registry);
    },
    addNamespace(namespace) {
      if (namespaceText.test(namespace)) namespaces.add(namespace);
    },
    isEmpty: () => !hasDigest && parts.every(({ size }) => size === 0),
    drain(found) {
      for (const spec of whole) withPrefixes(spec, spec.includes("/") ? none : namespaces, found);
      if (names.size > 0) drainNames(found);
      for (const part of parts) if (part.size > 0) part.clear();
      hasDigest = false;
    },
    drainUntagged(found) {
      if (hadTag) for (const name of untagged) found(`${name}:${anyTag}`);
      if (untagged.size > 0) untagged.clear();
      hadTag = false;
    },
  };
}
