import assert from "node:assert/strict";
import { runInThisContext } from "node:vm";
import fc from "fast-check";
import { format } from "prettier";
import { type Literal, propertyLines, textLiteral } from "../../../../provider/support/text/literals.js";

const hostile = [
  "",
  "it's",
  'a "b"',
  `it's "both"`,
  "a\\b",
  "${process.exit()}",
  "`x`",
  "two\nlines\r\n",
  "*/ // ",
  "</script>",
  "\u2028\u2029\u202e\u200b\u0000\u007f",
  "\ud800",
  "Grüße, čau",
];

/** The value of an expression of JavaScript. */
function valueOf(expression: string): unknown {
  return runInThisContext(`(${expression})`);
}

const texts = fc.oneof(
  fc.constantFrom(...hostile),
  fc.string({ unit: "binary" }),
  fc.string({ maxLength: 90 }),
);
const { object } = fc.letrec<{ object: Readonly<Record<string, Literal>>; value: Literal }>((tie) => ({
  value: fc.oneof({ maxDepth: 2 }, texts, fc.boolean(), fc.nat(), tie("object")),
  object: fc.dictionary(
    fc.oneof(texts, fc.constantFrom("__proto__", "constructor", "class", "1", "v1")),
    tie("value"),
    {
      maxKeys: 4,
      noNullPrototype: true,
    },
  ),
}));

describe("A text as a literal", () => {
  for (const text of hostile) {
    it(`means the text, shows what is in it and is one line: ${JSON.stringify(text)}`, () => {
      const literal = textLiteral(text);

      assert.equal(valueOf(literal), text);
      assert.doesNotMatch(literal, /[\p{Cc}\u200b\u2028\u2029\u202e]/u);
    });
  }
});

describe("Properties as literals", () => {
  it("mean the object, whatever keys and texts are in it", () => {
    fc.assert(
      fc.property(object, (value) => {
        const found = valueOf(`{\n${propertyLines(value, 2)}}`) as object;
        assert.deepEqual(Object.getOwnPropertyDescriptors(found), Object.getOwnPropertyDescriptors(value));
      }),
    );
  });

  it("are formatted as prettier does, where all characters are as wide as others", async () => {
    const ascii = fc.string({
      unit: fc.constantFrom("a", "b", "'", '"', "\\", " ", "/", ":", ".", "-", "_", "1", "$"),
      maxLength: 90,
    });
    const latin = fc.oneof(ascii, fc.constantFrom("é", "Grüße"));
    const { object } = fc.letrec<{ object: Readonly<Record<string, Literal>>; value: Literal }>((tie) => ({
      value: fc.oneof({ maxDepth: 2 }, latin, fc.boolean(), tie("object")),
      object: fc.dictionary(ascii, tie("value"), { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
    }));
    await fc.assert(
      fc.asyncProperty(object, async (value) => {
        const source = `const value = {\n${propertyLines(value, 2)}};\n`;
        assert.equal(source, await format(source, { parser: "typescript" }));
      }),
    );
  });
});
