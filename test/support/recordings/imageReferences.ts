import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../repositoryRoot.js";

/** A text, and what library-go makes of it (test/conformance/image-references.jsonl). */
export interface RecordedReference {
  readonly input: string;
  readonly ok: boolean;
  readonly error?: string;
  readonly registry: string;
  readonly namespace: string;
  readonly name: string;
  readonly tag: string;
  readonly id: string;
  readonly exact: string;
  readonly withDefaults: string;
  readonly repository: string;
  readonly repositoryName: string;
  readonly nameString: string;
  readonly mostSpecific: string;
}

export function recordedReferences(): readonly RecordedReference[] {
  const lines = readFileSync(join(repositoryRoot, "test/conformance/image-references.jsonl"), "utf8");
  return lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as RecordedReference);
}
