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
  return new Scope();
}

class Scope implements SpecScope {
  readonly #whole = new Set<string>();
  readonly #names = new Map<string, { isWhole: boolean }>();
  readonly #tags = new Set<string>();
  readonly #registries = new Set<string>();
  readonly #namespaces = new Set<string>();
  readonly #parts = [this.#whole, this.#names, this.#tags, this.#registries, this.#namespaces];
  #hasDigest = false;
  readonly #untagged = new Set<string>();
  #hadTag = false;

  addSpec(spec: string): void {
    this.#whole.add(spec);
  }

  addName(name: string, isWhole: boolean): void {
    this.#names.set(name, { isWhole: isWhole && (this.#names.get(name)?.isWhole ?? true) });
  }

  addTag(tag: string): void {
    this.#hadTag = true;
    this.#tags.add(tagText.test(tag) ? tag : anyTag);
  }

  addDigest(): void {
    this.#hasDigest = true;
  }

  addRegistry(registry: string): void {
    if (registryText.test(registry)) this.#registries.add(registry);
  }

  addNamespace(namespace: string): void {
    if (namespaceText.test(namespace)) this.#namespaces.add(namespace);
  }

  isEmpty(): boolean {
    return !this.#hasDigest && this.#parts.every(({ size }) => size === 0);
  }

  drain(found: (spec: string) => void): void {
    for (const spec of this.#whole) withPrefixes(spec, spec.includes("/") ? none : this.#namespaces, found);
    if (this.#names.size > 0) this.#drainNames(found);
    for (const part of this.#parts) if (part.size > 0) part.clear();
    this.#hasDigest = false;
  }

  #drainNames(found: (spec: string) => void): void {
    for (const [name, { isWhole }] of this.#names) {
      if (isWhole && this.#tags.size === 0) {
        withPrefixes(name, this.#registries, (each) => this.#untagged.add(each));
      }
      for (const tag of this.#tagsOf(isWhole)) {
        withPrefixes(`${name}:${tag}`, this.#registries, found);
        if (!name.includes("/")) withPrefixes(`${name}:${tag}`, this.#namespaces, found);
      }
    }
  }

  #tagsOf(isWhole: boolean): readonly string[] {
    const tags = this.#tags;
    const isCombined = this.#names.size <= maxCombined && tags.size <= maxCombined;
    if (tags.size > 0) return [...(isWhole ? ["latest"] : []), ...(isCombined ? tags : [anyTag])];
    if (isWhole) return ["latest"];
    return this.#hasDigest ? [] : [anyTag];
  }

  drainUntagged(found: (spec: string) => void): void {
    if (this.#hadTag) for (const name of this.#untagged) found(`${name}:${anyTag}`);
    if (this.#untagged.size > 0) this.#untagged.clear();
    this.#hadTag = false;
  }
}

function withPrefixes(spec: string, prefixes: ReadonlySet<string>, found: (spec: string) => void): void {
  found(spec);
  if (prefixes.size > 0 && prefixes.size <= maxCombined) {
    prefixes.forEach((prefix) => found(`${prefix}/${spec}`));
  }
}
