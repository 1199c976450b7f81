import type { RequestOptions } from "../../okd/requestOptions.js";
import { nameInUrn } from "../../support/text/spelling.js";
import type { ArchiveArgs } from "../args/parsed.js";
import type { ArchiveFiles } from "../filePorts.js";
import type { FileOwners } from "../memory.js";
import type { RecordedFile } from "../state.js";

export interface RemovalOrder {
  /** The resource that is deleted. */
  readonly urn: string;
  readonly args: Pick<ArchiveArgs, "path">;
  /** Of the archive, absolute. */
  readonly path: string;
  /** The files as the resource has written them, by the ending of their paths beyond the archive's. */
  readonly expected: Readonly<Record<string, RecordedFile>>;
  readonly owners: FileOwners;
}

export interface RemovalLog {
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
}

/** Removes files that are still as the resource wrote them. Keeps the others, and logs whose they are, where that is known. */
export async function executeArchiveRemoval(
  files: ArchiveFiles,
  order: RemovalOrder,
  { log, signal }: RequestOptions & { readonly log: RemovalLog },
): Promise<void> {
  const { urn, args, path, expected, owners } = order;
  const remaining = new Map<string | undefined, string[]>();
  for (const [ending, file] of Object.entries(expected)) {
    const target = `${path}${ending}`;
    if ((await files.remove(target, file, { signal })) !== "changed") continue;
    const owner = owners.find(target, await files.stat(target));
    remaining.set(owner, [...(remaining.get(owner) ?? []), `${args.path}${ending}`]);
  }
  for (const [owner, names] of remaining) {
    if (owner === undefined) log.warn(describeUnknown(names));
    else log.info(`${stay(names)}: taken over by ${nameOf(owner, urn)}`);
  }
}

/** A replacement is written before what it replaces is removed. */
function nameOf(owner: string, urn: string): string {
  return owner === urn ? "this resource's replacement" : `resource ${nameInUrn(owner)}`;
}

function describeUnknown(names: readonly string[]): string {
  const them = names.length === 1 ? "it" : "them";
  return `${stay(names)}: changed or replaced since this resource has written ${them}. If another resource has taken ${them} over, all is well; else remove ${them} by hand`;
}

function stay(names: readonly string[]): string {
  return `${names.join(", ")} ${names.length === 1 ? "stays" : "stay"}`;
}
