import assert from "node:assert/strict";
import fc from "fast-check";
import { previewOfRun, type RunPreview } from "../../../../provider/lifecycle/cli/arguments.js";

type Row = readonly [words: readonly string[], preview: RunPreview];

const exactly = (words: readonly string[], option?: string) => previewOfRun({ words, isExact: true }, option);
/** As `ps` prints them. */
const printed = (words: readonly string[], option?: string) =>
  previewOfRun({ words: words.join(" ").split(/\s+/), isExact: false }, option);

describe("the preview, as the CLI's arguments tell", () => {
  const clear: readonly Row[] = [
    [["up"], "shown"],
    [["up", "--yes"], "shown"],
    [["update", "-y"], "shown"],
    [["up", "-f"], "skipped"],
    [["update", "--skip-preview"], "skipped"],
    [["up", "--skip-preview=true"], "skipped"],
    [["up", "--skip-preview=1"], "skipped"],
    [["up", "--skip-preview=false"], "shown"],
    [["up", "-f=false"], "shown"],
    [["up", "-f=T"], "skipped"],
    [["up", "-yf"], "skipped"],
    [["up", "-fy"], "skipped"],
    [["up", "-ryf"], "skipped"],
    [["up", "--skip-preview", "--skip-preview=false"], "shown"],
    [["up", "--stack", "dev", "-f"], "skipped"],
    [["up", "-sdev", "-f"], "skipped"],
    [["up", "-sf"], "shown"],
    [["up", "-p", "8", "-f"], "skipped"],
    [["--non-interactive", "up", "--skip-preview"], "skipped"],
    [["--color", "never", "up", "--skip-preview"], "skipped"],
    [["--color=never", "up", "--skip-preview"], "skipped"],
    [["up", "--refresh", "--skip-preview"], "skipped"],
    [["up", "--yes", "--skip-preview", "--client=127.0.0.1:9", "--exec-kind", "auto.inline"], "skipped"],
    [["preview"], "unknown"],
    [["watch"], "unknown"],
    [["watch", "--yes"], "unknown"],
    [["refresh", "--skip-preview"], "unknown"],
    [["destroy", "--skip-preview", "--run-program"], "unknown"],
    [["do", "up", "--skip-preview"], "unknown"],
    [[], "unknown"],
  ];
  for (const [words, preview] of clear) {
    it(`is ${preview}: pulumi ${words.join(" ")}`, () => {
      assert.equal(exactly(words), preview);
      if (!words.includes("do")) assert.equal(printed(words), preview, "as ps prints it");
    });
  }

  const values: readonly Row[] = [
    [["up", "-m", "--skip-preview"], "shown"],
    [["up", "--message", "-f"], "shown"],
    [["up", "-m--skip-preview"], "shown"],
    [["up", "-mf"], "shown"],
    [["up", "--message=--skip-preview"], "shown"],
    [["up", "-ym", "-f"], "shown"],
    [["up", "-t", "-f", "-t", "urn"], "shown"],
    [["up", "--config", "a=--skip-preview"], "shown"],
    [["-C", "--skip-preview", "up"], "shown"],
    [["up", "--", "--skip-preview"], "shown"],
    [["up", "-m", "no --skip-preview here"], "shown"],
    [["up", "my --skip-preview template"], "shown"],
    [["up", "-m", "fix", "--skip-preview"], "skipped"],
    [["up", "template", "--skip-preview"], "skipped"],
  ];
  for (const [words, preview] of values) {
    it(`is unknown where ps loses the difference between a flag and its value: ${words.join(" ")}`, () => {
      assert.equal(exactly(words), preview);
      assert.notEqual(printed(words), preview === "shown" ? "skipped" : undefined);
    });
  }

  const foreign: readonly Row[] = [
    [["up", "--of-another-version", "--skip-preview"], "unknown"],
    [["up", "--of-another-version", "-yf"], "unknown"],
    [["up", "--of-another-version", "-m", "--skip-preview"], "unknown"],
    [["up", "--of-another-version", "--", "--skip-preview"], "unknown"],
    [["up", "--of-another-version", "--yes", "--skip-preview"], "skipped"],
    [["up", "--of-another-version=x", "--skip-preview"], "skipped"],
    [["up", "--of-another-version", "x", "--skip-preview"], "skipped"],
    [["up", "--skip-preview", "--of-another-version"], "skipped"],
    [["up", "-Xf"], "unknown"],
    [["up", "-X", "-f"], "unknown"],
    [["up", "-fX"], "skipped"],
    [["up", "--skip-preview=maybe"], "unknown"],
  ];
  for (const [words, preview] of foreign) {
    it(`is ${preview} where a flag is not known: ${words.join(" ")}`, () => {
      assert.equal(exactly(words), preview);
    });
  }

  it("follows PULUMI_OPTION_SKIP_PREVIEW as the CLI does, which a flag overrides", () => {
    assert.equal(exactly(["up"], "true"), "skipped");
    assert.equal(exactly(["up"], "1"), "skipped");
    assert.equal(exactly(["up"], "TRUE"), "skipped");
    assert.equal(exactly(["up"], "false"), "shown");
    assert.equal(exactly(["up"], "yes"), "shown");
    assert.equal(exactly(["up"], ""), "shown");
    assert.equal(exactly(["up", "--skip-preview=false"], "true"), "shown");
    assert.equal(exactly(["watch"], "true"), "unknown");
  });

  it("is not skipped where ps prints arguments that the CLI reads as shown", () => {
    const flags = [
      "-y",
      "--yes",
      "-f",
      "--skip-preview",
      "--skip-preview=false",
      "-f=0",
      "-yf",
      "-r",
      "--diff",
    ];
    const value = fc.constantFrom(
      "x",
      "a b",
      "-f",
      "--skip-preview",
      "not --skip-preview",
      "fix -yf x",
      "up",
    );
    const taking = fc
      .tuple(fc.constantFrom("-m", "--message", "-t", "-c", "--cwd", "-s", "--stack", "--plan"), value)
      .map((pair) => [...pair]);
    const inline = fc
      .tuple(fc.constantFrom("--message=", "-m", "--config=", "-c="), value)
      .map(([a, b]) => [a + b]);
    const one = fc.oneof(
      fc.constantFrom(...flags).map((flag) => [flag]),
      taking,
      inline,
    );
    const line = fc
      .tuple(
        fc.array(one, { maxLength: 4 }),
        fc.constantFrom("up", "update", "watch"),
        fc.array(one, { maxLength: 4 }),
      )
      .map(([before, command, after]) => [...before.flat(), command, ...after.flat()]);
    // A stack or a folder with a space in it ends the CLI before anything is registered.
    const runs = (words: readonly string[]) =>
      words.every((word, index) => !/^(?:-s|--stack)$/.test(words[index - 1] ?? "") || !word.includes(" "));
    fc.assert(
      fc.property(line.filter(runs), (words) => {
        if (exactly(words) !== "skipped") assert.notEqual(printed(words), "skipped");
      }),
      { numRuns: 3000 },
    );
  });
});
