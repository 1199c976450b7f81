/** A schema of zod, as far as its shape matters here. */
export interface Schema {
  readonly def: {
    readonly type: string;
    readonly shape?: Readonly<Record<string, Schema>>;
    readonly element?: Schema;
    readonly valueType?: Schema;
    readonly innerType?: Schema;
    readonly options?: readonly Schema[];
    readonly in?: Schema;
    readonly out?: Schema;
  };
}

/** Names of the arguments that the object at `path` may have. */
export function knownKeysAt(schema: unknown, path: readonly PropertyKey[]): readonly string[] {
  let found = bare(schema as Schema);
  for (const key of path) found = found.flatMap((each) => childrenOf(each, key)).flatMap(bare);
  return [...new Set(found.flatMap(({ def }) => Object.keys(def.shape ?? {})))];
}

/** Without what makes it optional, gives it a default or converts it; of a union all parts. */
function bare(schema: Schema): readonly Schema[] {
  const { innerType, options, in: from, out, type } = schema.def;
  if (innerType !== undefined) return bare(innerType);
  if (options !== undefined) return options.flatMap(bare);
  if (type === "pipe") return [from, out].flatMap((part) => (part === undefined ? [] : bare(part)));
  return [schema];
}

function childrenOf({ def }: Schema, key: PropertyKey): readonly Schema[] {
  const own = typeof key === "string" && Object.hasOwn(def.shape ?? {}, key) ? def.shape?.[key] : undefined;
  return [own, def.element, def.valueType].filter((child) => child !== undefined);
}
