import * as pulumi from "@pulumi/pulumi";
import type { Ask, Program } from "../../functions.js";
import type { LookupArgs, LookupOptions } from "../args/lookups.js";
import { undecided } from "../partlyKnown.js";
import { requireArguments } from "../programMistakes.js";
import { refuseMistypedConfig } from "../stackConfig.js";

/** One of the functions, as the code that asks the cluster knows it. */
export interface Lookup<Answer> {
  /** `getImageMetadata` */
  readonly label: string;
  /** For a program without arguments: `image is required`. */
  readonly required: string;
  /** Loads what asks the cluster. */
  readonly load: () => Promise<Ask<Answer>>;
}

/** Asks now. @throws RunError */
export async function ask<Answer>(lookup: Lookup<Answer>, args: LookupArgs): Promise<Answer> {
  const { given, connection } = split(lookup, args);
  const [isKnown, isConnectionKnown] = await Promise.all([known(given), known(connection)]);
  if (!isKnown || !isConnectionKnown) {
    throw new pulumi.RunError(
      `${lookup.label}: an argument is not known in this preview; use ${lookup.label}Output`,
    );
  }
  const [values, settings] = await Promise.all([valueOf(given), valueOf(connection)]);
  return await answer(lookup, values, settings, await pulumi.isSecret(given));
}

/** Asks as soon as the arguments are known, and not before. Where something is not there yet, a preview goes on without. */
export function askOutput<Answer>(
  lookup: Lookup<Answer>,
  args: LookupArgs,
  { dependsOn = [] }: LookupOptions = {},
): pulumi.Output<Answer> {
  const { given, connection } = split(lookup, args);
  const resources = (
    Array.isArray(dependsOn) ? dependsOn : [dependsOn]
  ) as pulumi.Input<pulumi.CustomResource>[];
  // The ID of a resource is unknown while it is to be created. It says nothing that may be secret.
  const existing = pulumi.unsecret(pulumi.all(resources.map((each) => pulumi.output(each).id)));
  // What the cluster answers is no secret because its credentials are.
  const ready = pulumi.all([given, pulumi.unsecret(connection), existing]);
  const answered = ready.apply(async ([values, settings]) => {
    const isSecret = await pulumi.isSecret(given);
    try {
      return await answer(lookup, values, settings, isSecret);
    } catch (error) {
      if (!pulumi.runtime.isDryRun() || !(error instanceof Error) || !mayComeToExist(error)) throw error;
      void pulumi.log.warn(`not known yet; pulumi up would stop here if it stays so: ${error.message}`);
      return undecided;
    }
  });
  return answered;
}

/** The same program may be about to create a namespace, a stream, a tag or a pull secret. */
function mayComeToExist({ message }: Error): boolean {
  return /\[(?:NAMESPACE_NOT_FOUND|STREAM_NOT_FOUND|IMAGE_NOT_FOUND|IMPORT_UNAUTHORIZED)\]$/.test(message);
}

interface SplitArguments {
  readonly given: pulumi.Output<object>;
  readonly connection: pulumi.Output<object | undefined>;
}

function split({ label, required }: Lookup<unknown>, args: LookupArgs): SplitArguments {
  refuseMistypedConfig();
  const { connection, ...given } = requireArguments(label, required, args);
  return {
    given: pulumi.output(given),
    connection: pulumi.output(connection as object | undefined),
  };
}

async function answer<Answer>(
  { load }: Lookup<Answer>,
  values: object,
  connection: object | undefined,
  isSecret: boolean,
): Promise<Answer> {
  const asks = await load();
  const confidential = isSecret ? Object.values(values).filter((value) => typeof value === "string") : [];
  try {
    return await asks({ args: withoutAbsent(values), connection, confidential }, program);
  } catch (error) {
    if (error instanceof Error && error.name === "ImageError") throw new pulumi.RunError(error.message);
    throw error;
  }
}

const program: Program = {
  config: (key) => pulumi.runtime.getConfig(key),
  warn: (message) => void pulumi.log.warn(message),
};

function withoutAbsent(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

interface Inner<Value> {
  readonly isKnown: Promise<boolean>;
  promise(): Promise<Value>;
}

function known(output: pulumi.Output<unknown>): Promise<boolean> {
  return (output as unknown as Inner<unknown>).isKnown;
}

function valueOf<Value>(output: pulumi.Output<Value>): Promise<Value> {
  return (output as unknown as Inner<Value>).promise();
}
