// @peculiar/x509 registers its algorithm providers through tsyringe, which refuses to load without the metadata
// functions of `Reflect`. The package `reflect-metadata` is not a dependency of ours, and tsyringe needs only these.
type MetadataReflect = typeof Reflect & {
  getMetadata?: (key: unknown, target: object) => unknown;
  getOwnMetadata?: (key: unknown, target: object) => unknown;
  defineMetadata?: (key: unknown, value: unknown, target: object) => void;
};

const metadata = new WeakMap<object, Map<unknown, unknown>>();
const reflect: MetadataReflect = Reflect;

if (reflect.getMetadata === undefined) {
  reflect.defineMetadata = (key, value, target) => {
    const entries = metadata.get(target) ?? new Map<unknown, unknown>();
    metadata.set(target, entries.set(key, value));
  };
  reflect.getOwnMetadata = (key, target) => metadata.get(target)?.get(key);
  reflect.getMetadata = reflect.getOwnMetadata;
}
