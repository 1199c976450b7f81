import ts from "typescript";
import { TypeTexts } from "./typeText.js";

/** A public property or method, as its declaration and its doc comment have it. */
export interface PublicMember {
  /** Methods with the names of their parameters: `digest(tag)`. */
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly meaning: string;
  /** What `@default` says. */
  readonly default: string | undefined;
}

/** A function, as its doc comment has it. */
export interface PublicFunction {
  /** Of the first signature: `imageTrigger(triggers, kind?)`. */
  readonly call: string;
  readonly meaning: string;
}

export interface PublicType {
  readonly meaning: string;
  /** A class's own members, without the constructor and what is private; an interface's with those it inherits. */
  readonly members: readonly PublicMember[];
}

/** What a package's declarations say; `documented` are the names of types with a table of their own. */
export class PublicTypes {
  readonly #checker: ts.TypeChecker;
  readonly #exports: ReadonlyMap<string, ts.Symbol>;
  readonly #texts: TypeTexts;

  constructor(file: string, documented: readonly string[]) {
    const program = ts.createProgram([file], {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      types: [],
      skipLibCheck: true,
    });
    this.#checker = program.getTypeChecker();
    const source = program.getSourceFile(file);
    const module = source === undefined ? undefined : this.#checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${file} is missing, or no module: run npm run build`);
    const exported = this.#checker
      .getExportsOfModule(module)
      .map((symbol) => [symbol.name, this.#target(symbol)] as const);
    this.#exports = new Map(exported);
    const named = exported
      .filter(([name]) => documented.includes(name))
      .map(([name, symbol]) => [symbol, name] as const);
    this.#texts = new TypeTexts(this.#checker, new Map(named));
  }

  /** @throws Error when there is no such export */
  type(name: string): PublicType {
    const symbol = this.#exports.get(name);
    if (symbol === undefined) throw new Error(`the package exports no ${name}`);
    const isClass = (symbol.flags & ts.SymbolFlags.Class) !== 0;
    const declared = this.#checker.getDeclaredTypeOfSymbol(symbol).getProperties();
    const own = declared.filter((member) => !isClass || (isOwn(member, symbol) && !isPrivate(member)));
    return { meaning: this.#comment(symbol), members: own.map((member) => this.#member(member)) };
  }

  /** @throws Error when there is no such function */
  function(name: string): PublicFunction {
    const symbol = this.#exports.get(name);
    const declaration = symbol?.declarations?.[0];
    if (symbol === undefined || declaration === undefined || !ts.isFunctionDeclaration(declaration))
      throw new Error(`the package exports no function ${name}`);
    const parameters = declaration.parameters.map(
      (parameter) => `${parameter.name.getText()}${parameter.questionToken === undefined ? "" : "?"}`,
    );
    return { call: `${name}(${parameters.join(", ")})`, meaning: this.#comment(symbol) };
  }

  #target(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
  }

  #member(symbol: ts.Symbol): PublicMember {
    const declaration = symbol.declarations?.[0];
    if (declaration === undefined) throw new Error(`${symbol.name} is declared nowhere`);
    const [name, type] = this.#signature(symbol.name, declaration);
    return {
      name,
      type,
      isRequired: (symbol.flags & ts.SymbolFlags.Optional) === 0,
      meaning: this.#comment(symbol),
      default: textOf(symbol.getJsDocTags(this.#checker).find((tag) => tag.name === "default")?.text),
    };
  }

  #signature(name: string, declaration: ts.Declaration): readonly [name: string, type: string] {
    if (ts.isMethodDeclaration(declaration) && declaration.type !== undefined) {
      const parameters = declaration.parameters.map((parameter) => parameter.name.getText());
      return [`${name}(${parameters.join(", ")})`, this.#texts.of(declaration.type)];
    }
    const isProperty = ts.isPropertySignature(declaration) || ts.isPropertyDeclaration(declaration);
    if (!isProperty || declaration.type === undefined) throw new Error(`${name} has no type`);
    return [name, this.#texts.of(declaration.type)];
  }

  #comment(symbol: ts.Symbol): string {
    return textOf(symbol.getDocumentationComment(this.#checker)) ?? "";
  }
}

function isOwn(member: ts.Symbol, symbol: ts.Symbol): boolean {
  return member.declarations?.[0]?.parent === symbol.declarations?.[0];
}

function isPrivate(member: ts.Symbol): boolean {
  const [declaration] = member.declarations ?? [];
  if (declaration === undefined) return true;
  return (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private) !== 0;
}

/** In one line; links keep their braces, which pages replace. */
function textOf(parts: readonly ts.SymbolDisplayPart[] | undefined): string | undefined {
  return parts === undefined ? undefined : ts.displayPartsToString([...parts]).replaceAll(/\s*\n\s*/g, " ");
}
