import * as pulumi from "@pulumi/pulumi";
import { credentialSettings } from "./args/connection.js";

/** For each computed input or output, the arguments that it may show. */
export type ShownArguments = Readonly<Record<string, readonly string[]>>;

type Args = Readonly<Record<string, unknown>>;

/** Characters: a shorter text is found in ordinary words (see support/redact.ts). */
const minLength = 4;

/**
 * Inputs that keep what is secret in the arguments secret elsewhere: a secret `null` under the name of every output that
 * would show it, with their names, and the secret texts, which messages must not show. Nothing of this is ever unknown.
 * `cluster` shows the server of the connection.
 */
export function secretInputs(shows: ShownArguments, args: Args): Record<string, unknown> {
  const outputs = [
    ...Object.entries(shows).map(([output, names]) => [output, names.map((name) => args[name])] as const),
    ["cluster", [hostOf(args.connection)]] as const,
  ];
  const found = outputs.map(async ([output, values]) => ({ output, isSecret: await isSecret(values) }));
  const names = Promise.all(found).then((all) =>
    all.filter(({ isSecret }) => isSecret).map(({ output }) => output),
  );
  const isAmong = (name: string) => names.then((secret) => secret.includes(name));
  return {
    ...Object.fromEntries(
      outputs.map(([output]) => [
        output,
        pulumi.output(isAmong(output).then((isSecret) => (isSecret ? pulumi.secret(null) : undefined))),
      ]),
    ),
    __secretOutputs: pulumi.output(names.then(unlessEmpty)),
    __confidential: pulumi.output(
      confidentialTexts(args).then((texts) => (texts.length === 0 ? undefined : pulumi.secret([...texts]))),
    ),
  };
}

/** The named arguments, as secrets: outputs of the same names are then encrypted too. */
export function secretArguments(names: readonly string[], args: Args): Record<string, unknown> {
  const given = names.filter((name) => args[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, pulumi.secret(args[name])]));
}

/** Fails for a secret in an argument that is part of the resource's ID, which can never be secret. */
export function refuseSecret(label: string, name: string, value: unknown): unknown {
  if (!(value instanceof Promise) && !pulumi.Output.isInstance(value)) return value;
  const refused = isSecret(value).then((secret) => {
    if (!secret) return value;
    throw new pulumi.RunError(
      `${label}: ${name} is secret, but it is part of the resource's ID, which Pulumi shows and stores in clear. Give pulumi.unsecret(${name})`,
    );
  });
  return pulumi.output(refused);
}

/** If an output gives the connection as a whole, all of it counts as the host. */
function hostOf(connection: unknown): unknown {
  if (typeof connection !== "object" || connection === null) return undefined;
  if (pulumi.Output.isInstance(connection) || connection instanceof Promise) return connection;
  return (connection as Args).host;
}

async function isSecret(value: unknown): Promise<boolean> {
  return await pulumi.isSecret(pulumi.output(value));
}

function unlessEmpty(names: readonly string[]): string[] | undefined {
  return names.length === 0 ? undefined : [...names];
}

/** Sorted. Credentials of `connection` are known as such without being listed. */
async function confidentialTexts({ connection, ...args }: Args): Promise<readonly string[]> {
  const found = await Promise.all([secretTexts(args), secretTexts(connection, credentialSettings)]);
  return [...new Set(found.flat().flatMap(withRepository))].filter((text) => text.length >= minLength).sort();
}

/** Adds the repository of `quay.io/acme/web:v1`, because messages show it with digests. */
function withRepository(text: string): readonly string[] {
  const [named = "", ...digests] = text.split("@");
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  const repository = colon === -1 ? named : named.slice(0, colon);
  const [host = "", ...path] = repository.split("/");
  const isImage =
    digests.length < 2 &&
    /^[^\s:]+(?::\d+)?$/.test(host) &&
    path.length > 0 &&
    path.every((part) => /^[^\s:]+$/.test(part)) &&
    digests.every((digest) => /^sha256:[0-9a-f]+$/.test(digest));
  return isImage ? [text, repository] : [text];
}

async function secretTexts(
  value: unknown,
  leftOut: ReadonlySet<string> = new Set(),
): Promise<readonly string[]> {
  if (value instanceof Promise) return secretTexts(await value, leftOut);
  if (pulumi.Output.isInstance(value)) {
    if (!(await pulumi.isSecret(value))) return [];
    return textsIn(await (value as unknown as { promise(): Promise<unknown> }).promise(), leftOut);
  }
  if (typeof value !== "object" || value === null || pulumi.Resource.isInstance(value)) return [];
  const found = await Promise.all(
    Object.entries(value)
      .filter(([key]) => !leftOut.has(key))
      .map(([, element]) => secretTexts(element)),
  );
  return found.flat();
}

function textsIn(value: unknown, leftOut: ReadonlySet<string> = new Set()): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value)
    .filter(([key]) => !leftOut.has(key))
    .flatMap(([, element]) => textsIn(element));
}
