import assert from "node:assert/strict";
import { toWire } from "../../../provider/lifecycle/wire.js";

describe("toWire", () => {
  it("leaves out undefined at any depth and keeps everything else", () => {
    const value = { a: undefined, b: null, c: { d: undefined, e: [1, "x", { f: undefined, g: false }] } };
    assert.deepEqual(toWire(value), { b: null, c: { e: [1, "x", { g: false }] } });
  });

  it("keeps a name that would set a prototype", () => {
    const value = JSON.parse('{ "__proto__": { "a": 1 }, "constructor": 2 }') as object;
    assert.deepEqual(Object.entries(toWire(value)), [
      ["__proto__", { a: 1 }],
      ["constructor", 2],
    ]);
  });

  const refused: readonly { readonly name: string; readonly value: unknown }[] = [
    { name: "a Date", value: new Date(0) },
    { name: "a Map", value: new Map() },
    { name: "a Buffer", value: Buffer.from("x") },
    { name: "a bigint", value: 1n },
    { name: "a function", value: () => 1 },
    { name: "NaN", value: Number.NaN },
    { name: "undefined in an array", value: [undefined] },
  ];
  for (const { name, value } of refused) {
    it(`refuses ${name}, naming its path`, () => {
      assert.throws(() => toWire({ outer: { inner: value } }), /^TypeError: outer\.inner/);
    });
  }
});
