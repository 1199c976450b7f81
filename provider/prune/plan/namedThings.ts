import type { PrunePolicy, StreamSelection } from "../args/policy.js";

/** A namespace or a stream that an argument names in full; a glob names none. */
export interface NamedThing {
  /** Where the user wrote it: `keep.streams[0]`. */
  readonly argument: string;
  readonly namespace: string;
  /** Undefined: the namespace alone. */
  readonly stream: string | undefined;
}

/** Anything else in a pattern may stand for several names. */
const plainName = /^[\w.-]+$/;

/** Everything in the arguments that has to exist for the policy to mean what it says. */
export function namedThings(policy: PrunePolicy): readonly NamedThing[] {
  const { namespace } = policy;
  const own = namespace === undefined ? [] : [{ argument: "namespace", namespace, stream: undefined }];
  if (policy.rules === "oc") return own;
  return [...own, ...thingsIn("select", policy.select), ...thingsIn("keep", policy.keep)];
}

function thingsIn(argument: string, { namespaces, streams }: StreamSelection): readonly NamedThing[] {
  return [
    ...namespaces.flatMap((namespace, index) =>
      plainName.test(namespace)
        ? [{ argument: `${argument}.namespaces[${index}]`, namespace, stream: undefined }]
        : [],
    ),
    ...streams.flatMap((text, index) => {
      const [namespace = "", name = ""] = text.split("/");
      if (!plainName.test(namespace)) return [];
      const stream = plainName.test(name) ? name : undefined;
      return [{ argument: `${argument}.streams[${index}]`, namespace, stream }];
    }),
  ];
}
