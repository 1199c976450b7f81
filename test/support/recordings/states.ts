import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { KubeObject } from "okd-image-sandbox";
import type { ProgramSpec } from "../cli/programSpec.js";
import { repositoryRoot } from "../repositoryRoot.js";

export type Bag = Readonly<Record<string, unknown>>;

/** A resource as `pulumi stack export --show-secrets` has it, but that a secret is `{ $secret: value }`. */
export interface RecordedResource {
  readonly urn: string;
  readonly type: string;
  readonly id: string;
  readonly inputs: Bag;
  readonly outputs: Bag;
  readonly initErrors?: readonly string[];
}

/** What an earlier version left behind; see test/conformance/states/README.md. */
export interface RecordedState {
  readonly program: ProgramSpec;
  readonly world: {
    /** shop/web was pushed before anything ran. */
    readonly history?: boolean;
    /** Tags of quay.io/acme/web that have moved since, by what they moved to. */
    readonly moved?: Readonly<Record<string, string>>;
  };
  readonly resources: readonly RecordedResource[];
  /** All image streams and images of the cluster. */
  readonly objects: readonly KubeObject[];
  /** Contents of the files beside the program, by name. */
  readonly files: Readonly<Record<string, Buffer>>;
}

export const statesFolder = join(repositoryRoot, "test/conformance/states");

/** Names of all recordings, as `<commit>/<name>`. */
export function recordedStates(): readonly string[] {
  return readdirSync(statesFolder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".json"))
    .map((path) => path.slice(0, -".json".length))
    .sort();
}

/** @param addresses - what stands in place of `${name}` */
export function readState(name: string, addresses: Readonly<Record<string, string>>): RecordedState {
  const read = (path: string) => readFileSync(join(statesFolder, path), "utf8");
  const [version = ""] = name.split("/");
  const stubs = ["importedImageStream", "imagePrunePolicy", "imageArchive"].map(
    (stub) => [stub, read(`${version}/${stub}.stub.txt`)] as const,
  );
  const { files, ...rest } = JSON.parse(read(`${name}.json`)) as RecordedState & {
    readonly files: Readonly<Record<string, string>>;
  };
  const texts = { ...addresses, ...Object.fromEntries(stubs) };
  return {
    ...(filled(rest, texts) as typeof rest),
    files: Object.fromEntries(
      Object.entries(files).map(([file, packed]) => [file, gunzipSync(Buffer.from(packed, "base64"))]),
    ),
  };
}

/** The value with `${name}` replaced in each text. */
export function filled(value: unknown, texts: Readonly<Record<string, string>>): unknown {
  return mapped(value, (text) =>
    text.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => texts[name] ?? whole),
  );
}

/** A copy with other texts, those of keys included. */
export function mapped(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((element) => mapped(element, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, element]) => [change(key), mapped(element, change)]),
  );
}

/** A copy in which what is written `{ <mark>: … }` is replaced. */
export function unwrapped(value: unknown, mark: string, replace: (content: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((element) => unwrapped(element, mark, replace));
  if (typeof value !== "object" || value === null) return value;
  if (mark in value) return replace((value as Bag)[mark]);
  return Object.fromEntries(
    Object.entries(value).map(([key, element]) => [key, unwrapped(element, mark, replace)]),
  );
}
