import type { ArchiveIdentity } from "../archive/ports.js";
import { identityOf, type IdentityStep, type JsonDocument, readDocument } from "./identity.js";
import { TarFormatError } from "./tarHeader.js";
import { maxContent, type TarEntry, type TarVisitor } from "./tarParser.js";

/** Where an archive says what is in it. */
export const tables: readonly string[] = ["manifest.json", "index.json"];
/** Bytes of all documents together. */
const maxDocuments = 64 * 1024 * 1024;

/** Learns an archive's identity while its tar passes. */
export interface DocumentReader extends TarVisitor {
  /** All there is to know, as soon as it is known; whether layers are missing is not looked at. */
  early(): IdentityStep | undefined;
  /** At the end. */
  identity(): ArchiveIdentity | undefined;
}

/** Keeps every small JSON, because nobody knows before the tables have come which of them will be needed. */
export function createDocumentReader(): DocumentReader {
  const members = new Set<string>();
  const documents = createDocuments();
  /** Undefined while neither the tables nor a blob have come. */
  let isTablesFirst: boolean | undefined;
  let awaited = new Set<string>();
  let early: IdentityStep | undefined;

  function look(): void {
    const step = identityOf({ documents: documents.all, has: () => true });
    awaited = new Set(step.wanted);
    if (awaited.size === 0) early = step;
  }

  return {
    wants: ({ name, size }) => tables.includes(name) || size <= maxContent,
    entry({ name, kind }: TarEntry, content) {
      members.add(name);
      if (content !== undefined && isJson(content)) documents.add(name, content);
      if (kind !== "file" || !name.startsWith("blobs/")) return;
      isTablesFirst ??= documents.all.has("index.json");
      awaited.delete(name);
      if (isTablesFirst && early === undefined && awaited.size === 0) look();
    },
    early: () => early,
    identity: () => identityOf({ documents: documents.all, has: (name) => members.has(name) }).identity,
  };
}

function isJson(content: Uint8Array): boolean {
  return /^\s*[[{]/.test(Buffer.from(content.subarray(0, 64)).toString("latin1"));
}

/** @throws TarFormatError from its `add`: more than can be meant well */
export function createDocuments() {
  const all = new Map<string, JsonDocument>();
  let total = 0;
  return {
    all: all as ReadonlyMap<string, JsonDocument>,
    add(name: string, bytes: Uint8Array): void {
      total += bytes.length;
      if (total > maxDocuments) throw new TarFormatError(`more than ${maxDocuments} bytes of manifests`);
      all.set(name, readDocument(bytes));
    },
  };
}
