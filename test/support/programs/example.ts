import { readFileSync } from "node:fs";
import Module from "node:module";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import ts from "typescript";
import { repositoryRoot } from "../repositoryRoot.js";

export interface RegisteredResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Reference of the provider that the resource was given. */
  readonly provider: string | undefined;
}

export interface ExampleRun {
  readonly config: Readonly<Record<string, string>>;
  readonly secretConfig?: readonly string[];
  readonly preview: boolean;
  /** Outputs of a resource beside its inputs; what is missing is unknown in a preview. */
  readonly outputsOf: (resource: RegisteredResource) => object;
}

export interface FinishedExample {
  /** In the order in which they were registered. */
  readonly resources: readonly RegisteredResource[];
  readonly exports: Readonly<Record<string, pulumi.Output<unknown>>>;
}

/** Runs `examples/<name>` against mocks in place of the engine, compiled as Pulumi compiles it. */
export async function runExample(name: string, run: ExampleRun): Promise<FinishedExample> {
  const project = `okd-images-${name}`;
  const resources: RegisteredResource[] = [];
  const mocks: pulumi.runtime.Mocks = {
    newResource({ type, name: resourceName, inputs, provider }) {
      const resource = { type, name: resourceName, inputs: inputs as Record<string, unknown>, provider };
      resources.push(resource);
      return { id: `${resourceName}-id`, state: { ...resource.inputs, ...run.outputsOf(resource) } };
    },
    call: ({ token }) => {
      throw new Error(`the example calls ${token}`);
    },
  };
  const keys = (names: readonly string[]) => names.map((key) => `${project}:${key}`);
  const values = Object.entries(run.config).map(([key, value]) => [`${project}:${key}`, value]);
  pulumi.runtime.setAllConfig(
    Object.fromEntries(values) as Record<string, string>,
    keys(run.secretConfig ?? []),
  );
  await pulumi.runtime.setMocks(mocks, project, "test", run.preview);

  const exports = execute(join(repositoryRoot, "examples", name, "index.ts"));
  await pulumi.runtime.disconnect();
  return { resources, exports };
}

function execute(file: string): Readonly<Record<string, pulumi.Output<unknown>>> {
  const { outputText } = ts.transpileModule(readFileSync(file, "utf8"), {
    fileName: file,
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const program = new Module(file) as Module & {
    paths: string[];
    _compile(code: string, filename: string): void;
  };
  program.filename = file;
  program.paths = (Module as unknown as { _nodeModulePaths(from: string): string[] })._nodeModulePaths(file);
  program._compile(outputText, file);
  return program.exports as Readonly<Record<string, pulumi.Output<unknown>>>;
}

export interface OutputValue {
  readonly value: unknown;
  readonly isKnown: boolean;
  readonly isSecret: boolean;
}

/** What an output holds; in a preview it may be unknown. */
export async function read(output: pulumi.Output<unknown> | undefined): Promise<OutputValue> {
  const inner = output as unknown as {
    promise(withUnknowns: boolean): Promise<unknown>;
    readonly isKnown: Promise<boolean>;
    readonly isSecret: Promise<boolean>;
  };
  const [isKnown, isSecret] = await Promise.all([inner.isKnown, inner.isSecret]);
  return { value: isKnown ? await inner.promise(true) : undefined, isKnown, isSecret };
}

/** A value as the engine got it, without the wrapping of secrets. */
export function unwrap(input: unknown): { readonly value: unknown; readonly isSecret: boolean } {
  if (pulumi.runtime.isRpcSecret(input))
    return { value: pulumi.runtime.unwrapRpcSecret(input), isSecret: true };
  return { value: input, isSecret: false };
}
