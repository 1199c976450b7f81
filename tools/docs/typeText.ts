import ts from "typescript";

/** Wrappers that say nothing to a reader; `Only` keeps kinds of tags apart. */
const transparent: readonly string[] = ["Input", "Output", "Readonly", "Only"];

/** How types are told to people: without Pulumi's wrappers, without undefined, aliases by what they stand for. */
export class TypeTexts {
  readonly #checker: ts.TypeChecker;
  /** Of interfaces with a table of their own, by the name under which they are exported. */
  readonly #named: ReadonlyMap<ts.Symbol, string>;

  constructor(checker: ts.TypeChecker, named: ReadonlyMap<ts.Symbol, string>) {
    this.#checker = checker;
    this.#named = named;
  }

  /** `Input<Input<string>[]> | undefined` is `string[]`, `Record<string, Input<string>>` is `{ [key]: string }`. */
  of(node: ts.TypeNode): string {
    if (ts.isParenthesizedTypeNode(node)) return this.of(node.type);
    if (ts.isTypeOperatorNode(node)) return this.of(node.type);
    if (ts.isUnionTypeNode(node)) return this.#union(node);
    if (ts.isIntersectionTypeNode(node)) return this.#first(node);
    if (ts.isArrayTypeNode(node)) return arrayOf(this.of(node.elementType));
    if (ts.isTypeLiteralNode(node)) return fieldsOf(node.members);
    if (ts.isTypeReferenceNode(node)) return this.#reference(node);
    if (ts.isIndexedAccessTypeNode(node)) return this.#computed(node);
    return node.getText();
  }

  #union({ types }: ts.UnionTypeNode): string {
    return types
      .filter(({ kind }) => kind !== ts.SyntaxKind.UndefinedKeyword)
      .map((type) => this.of(type))
      .join(" | ");
  }

  /** What an interface is joined with here, it shares with others. */
  #first({ types: [first] }: ts.IntersectionTypeNode): string {
    return first === undefined ? "" : this.of(first);
  }

  #reference(node: ts.TypeReferenceNode): string {
    const name = node.typeName.getText().replace("pulumi.", "");
    const [first, second] = node.typeArguments ?? [];
    if (first !== undefined && transparent.includes(name)) return this.of(first);
    if (second !== undefined && name === "Record") return `{ [key]: ${this.of(second)} }`;
    if (first !== undefined && name === "TimeoutsArgs") return `{ ${literalsOf(first).join(", ")} }`;
    return this.#declared(node.typeName);
  }

  #declared(name: ts.EntityName): string {
    const symbol = this.#symbolAt(name);
    const exported = this.#named.get(symbol);
    if (exported !== undefined) return exported;
    const declaration = symbol.declarations?.[0];
    if (declaration !== undefined && ts.isTypeAliasDeclaration(declaration)) return this.of(declaration.type);
    if (declaration !== undefined && ts.isInterfaceDeclaration(declaration))
      return fieldsOf(declaration.members);
    return name.getText();
  }

  #symbolAt(name: ts.EntityName): ts.Symbol {
    const symbol = this.#checker.getSymbolAtLocation(name);
    if (symbol === undefined) throw new Error(`${name.getText()} is not declared`);
    return symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
  }

  #computed(node: ts.TypeNode): string {
    const type = this.#checker.getTypeFromTypeNode(node);
    return this.#checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation);
  }
}

function arrayOf(element: string): string {
  return element.includes(" | ") ? `(${element})[]` : `${element}[]`;
}

/** `{ user, groups? }` */
function fieldsOf(members: ts.NodeArray<ts.TypeElement>): string {
  const names = members.map(
    ({ name, questionToken }) => `${name?.getText() ?? ""}${questionToken === undefined ? "" : "?"}`,
  );
  return `{ ${names.join(", ")} }`;
}

function literalsOf(node: ts.TypeNode): readonly string[] {
  const types = ts.isUnionTypeNode(node) ? [...node.types] : [node];
  return types.map((type) => type.getText().replaceAll('"', ""));
}
