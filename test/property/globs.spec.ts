import assert from "node:assert/strict";
import fc from "fast-check";
import picomatch from "picomatch";
import { globMatcher, globProblem } from "../../provider/support/globs/match.js";

const letters = ["a", "b", "c", "1", "-", ".", "_"];
/** Parts of names begin and end in a letter or digit; so no glob's meaning depends on how a trailing dot counts. */
const part = fc
  .tuple(
    fc.constantFrom("a", "b", "1"),
    fc.array(fc.constantFrom(...letters), { maxLength: 4 }),
    fc.constantFrom("", "a", "b", "1"),
  )
  .map(([first, middle, last]) => `${first}${middle.join("")}${last}`.replace(/[._-]+$/, ""));
const name = fc.array(part, { minLength: 1, maxLength: 2 }).map((parts) => parts.join("/"));

const piece = fc.constantFrom(
  ...letters,
  "*",
  "*",
  "?",
  "[ab]",
  "[a-c]",
  "[^a]",
  "[^a-b1]",
  "{a,b}",
  "{a*,?1}",
  "{a,{b,c}-}",
  "{,1}",
);
const ofOnePart = fc
  .tuple(fc.constantFrom("", "", "", "!"), fc.array(piece, { minLength: 1, maxLength: 5 }))
  .map(([negation, pieces]) => `${negation}${pieces.join("")}`);
const glob = fc
  .oneof(
    ofOnePart,
    fc.tuple(ofOnePart, ofOnePart).map(([a, b]) => `${a}/${b.replace("!", "")}`),
    ofOnePart.map((each) => `**/${each.replace("!", "")}`),
    ofOnePart.map((each) => `${each}/**`),
    fc.constantFrom("**", "**/**", "*/**"),
  )
  .filter((each) => globProblem(each) === undefined && !/^!?\.\//.test(each));

describe("Globs", () => {
  it("mean what picomatch takes them for", () => {
    let matched = 0;
    fc.assert(
      fc.property(glob, name, (pattern, text) => {
        const meant = picomatch(pattern, { dot: true })(text);
        assert.equal(globMatcher([pattern])(text), meant, `${pattern} on ${text}`);
        if (meant) matched += 1;
      }),
      { numRuns: 20_000 },
    );
    assert.ok(matched > 1_000, `only ${matched} matches`);
  });

  it("are read or refused with a reason, whatever they contain", () => {
    const hostile = fc.string({ unit: fc.constantFrom(...Array.from('a/*?[]{},!^-\\()|+"@.')) });
    fc.assert(
      fc.property(hostile, name, (pattern, text) => {
        if (globProblem(pattern) === undefined) assert.equal(typeof globMatcher([pattern])(text), "boolean");
        else assert.throws(() => globMatcher([pattern]));
      }),
      { numRuns: 5_000 },
    );
  });
});
