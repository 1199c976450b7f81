import assert from "node:assert/strict";
import { globMatcher, globProblem } from "../../../../provider/support/globs/match.js";

/** A backtracking matcher needs more than a minute for any of these: the timeout of the test is what fails. */
const dashes = "-".repeat(20_000);
const hostile: readonly (readonly [glob: string, name: string])[] = [
  ["pr-*-*-*-*-final", `pr${dashes}`],
  ["*-*-*-*-*-*-*-*-final", dashes],
  ["*?*?*?*?*?*?final", dashes],
  [`${"*-".repeat(400)}final`, "-".repeat(1_024)],
  ["{-,--}".repeat(150), "-".repeat(299)],
  [`${"{-,--,{-,--}}".repeat(60)}x`, dashes],
  ["{*,*-}{*,*-}{*,*-}{*,*-}{*,*-}{*,*-}final", dashes],
  ["*[^a-f]*[-x]*[^/]*[-]*final", dashes],
  ["!*-*-*-*-*-final*-*-*", dashes],
  ["**/*-*-*-*-*-final", `${"a/".repeat(5_000)}${dashes}`],
];

describe("A glob", () => {
  for (const [glob, name] of hostile) {
    it(`is matched in linear time: ${glob.slice(0, 60)}`, () => {
      const expected = glob.startsWith("!") || glob.startsWith("{-,--}{-,--}{-");
      assert.equal(globMatcher([glob])(name), expected);
    });
  }

  for (const [glob, names, others] of [
    ["v*", ["v", "v1", "v1.2"], ["a", "xv1"]],
    ["v?", ["v1"], ["v", "v12"]],
    ["v[0-9]", ["v1"], ["va", "v12"]],
    ["v[^0-9]", ["va"], ["v1", "v"]],
    ["v[]-]", ["v]", "v-"], ["v1"]],
    ["v[a-]", ["va", "v-"], ["vb"]],
    ["{main,v*}", ["main", "v1"], ["other", "mainv1"]],
    ["v{,1{,.0}}", ["v", "v1", "v1.0"], ["v1.", "v1.1"]],
    ["!v*", ["main"], ["v1"]],
    ["!!v*", ["v1"], ["main"]],
    ["a\\*", ["a*"], ["ab"]],
    ["shop/*", ["shop/web"], ["shop", "shop/a/b", "other/web"]],
    ["**/web", ["web", "shop/web", "a/b/web"], ["shop/web1", "shopweb"]],
    ["shop/**", ["shop", "shop/web", "shop/a/b"], ["shopweb"]],
    ["*.example.io", ["a.example.io"], ["example.io", "a.example.com"]],
  ] as const) {
    it(`matches its names: ${glob}`, () => {
      const matches = globMatcher([glob]);
      assert.deepEqual([...names, ...others].filter(matches), [...names]);
    });
  }

  for (const [glob, problem] of [
    ["", /is empty/],
    ["!", /nothing behind its !/],
    ["!(main)", /a \(, which is not supported: it may have \* \? /],
    ["@(a|b)", /a \(/],
    ["(a+)+", /a \(/],
    ["a|b", /a \|/],
    ["[ab]+", /a \+/],
    ["[!a]", /write \[\^\.\.\.\]/],
    ["[ab", /a \[ that nothing closes/],
    ["[z-a]", /runs backwards/],
    ["[[:alpha:]]", /a \[ within \[ \]/],
    ["a]", /a \] that nothing opens/],
    ["{a,b", /a \{ that nothing closes/],
    ["a}", /a \} that nothing opens/],
    ["{a}", /without a comma/],
    ["{1..3}", /without a comma: write \{a,b\}, or \[1-9\]/],
    ["v**", /\*\* that is not all between two slashes/],
    ["a\\", /ends in a \\/],
    ["*".repeat(2_000), /more than 1024 characters/],
  ] as const) {
    it(`is refused with the reason: ${JSON.stringify(glob.slice(0, 20))}`, () =>
      assert.match(globProblem(glob) ?? "", problem));
  }

  it("matches the names of any of several globs, and none without globs", () => {
    assert.deepEqual(["a", "b", "c"].filter(globMatcher(["a", "[b]"])), ["a", "b"]);
    assert.equal(globMatcher([])("a"), false);
  });
});
