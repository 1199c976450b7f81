import type { ArchiveIdentity } from "../../archive/filePorts.js";
import { TarFormatError } from "../tar/header.js";
import { maxContent, type TarEntry, type TarVisitor } from "../tar/parser.js";
import { type ArchiveContents, identityOf, type JsonDocument, readDocument } from "./identity.js";

/** The members that tell what an archive holds. */
export const tables: readonly string[] = ["manifest.json", "index.json"];
/** Bytes of all documents together. */
const maxDocuments = 64 * 1024 * 1024;

/** Learns an archive's contents while its tar passes. */
export interface DocumentReader extends TarVisitor {
  /** Complete at the end of the tar. */
  readonly contents: ArchiveContents;
  /** At the end. */
  identity(): ArchiveIdentity | undefined;
}

/** Keeps every small JSON, because only the tables tell which of them are needed, and they may come last. */
export function createDocumentReader(): DocumentReader {
  const members = new Map<string, TarEntry>();
  const documents = createDocuments();
  const contents = { members, documents: documents.all };
  return {
    contents,
    wants: ({ name, size }) => tables.includes(name) || size <= maxContent,
    entry(entry, content) {
      members.set(entry.name, entry);
      if (content !== undefined && isJson(content)) documents.add(entry.name, content);
      else documents.remove(entry.name);
    },
    identity: () => identityOf(contents).identity,
  };
}

function isJson(content: Uint8Array): boolean {
  return /^\s*[[{]/.test(Buffer.from(content.subarray(0, 64)).toString("latin1"));
}

/** @throws TarFormatError from its `add`: more than any honest archive has */
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
    /** Another member of the same name has come after it. */
    remove: (name: string) => void all.delete(name),
  };
}
