// Runs named steps in order and prints one aligned line for each, then what the step wants to show.

/** Runs the steps; the first that fails ends it with an error that names it. */
export async function runSteps(steps, demo, interruption) {
  const names = Object.keys(steps);
  const nameWidth = Math.max(...names.map((name) => name.length)) + 2;
  for (const [index, name] of names.entries()) {
    const shown = [];
    demo.show = (text) => shown.push(text);
    const head = `${index + 1}/${names.length}  ${name.padEnd(nameWidth)}`;
    const started = performance.now();
    try {
      interruption.throwIfAborted();
      const line = await steps[name](demo);
      console.log(`${head}${line.padEnd(88)} ${seconds(started).padStart(7)}`);
    } catch (error) {
      console.log(`${head}failed after ${seconds(started)}`);
      throw error;
    }
    for (const text of shown) console.log(`\n${indent(text)}\n`);
  }
}

function seconds(started) {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`;
}

function indent(text) {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => `       ${line}`.trimEnd())
    .join("\n");
}
