import Module from "node:module";
import ts from "typescript";
import { type Declaration, declarationOf } from "../../../provider/imports/program/declaration.js";
import { programSource } from "../../../provider/imports/program/source.js";
import type { ImageStream } from "../../../provider/okd/imageStream.js";

/** A resource as a generated program makes it. */
export interface MadeResource {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** The resources that a generated program makes, in place of the package a class that takes note. */
export function runGenerated(source: string): readonly MadeResource[] {
  const made: MadeResource[] = [];
  function ImportedImageStream(name: string, args: MadeResource["args"]): void {
    made.push({ name, args });
  }
  const { outputText, diagnostics } = ts.transpileModule(source, {
    reportDiagnostics: true,
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const [mistake] = diagnostics ?? [];
  if (mistake !== undefined) {
    throw new Error(`${ts.flattenDiagnosticMessageText(mistake.messageText, "\n")} in\n${source}`);
  }
  const program = new Module("generated.js") as Module & { _compile(code: string, name: string): void };
  program.require = ((name: string) => {
    if (name !== "pulumi-okd-images") throw new Error(`the program asks for ${name}`);
    return { ImportedImageStream };
  }) as NodeJS.Require;
  program._compile(outputText, "generated.js");
  return made;
}

export function programOf(streams: readonly ImageStream[], withPushed = false): string {
  const declarations: readonly Declaration[] = streams.map((stream) => declarationOf(stream, { withPushed }));
  return programSource(declarations, { comments: [], connection: {} });
}
