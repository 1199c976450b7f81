// Bundles what the HTML report runs and looks like in a browser into one CommonJS file beside the code that renders the
// report: one string each, readable, because whoever opens a report may want to read its script.
// Usage: node tools/build/bundlePage.mjs [--outDir dist]
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const root = path.resolve(import.meta.dirname, "../..");
const { values } = parseArgs({ options: { outDir: { type: "string", default: "dist" } } });
const folder = "provider/prune/report/html";

async function bundled(file, options) {
  const { outputFiles } = await build({
    entryPoints: [path.join(folder, "browser", file)],
    absWorkingDir: root,
    bundle: true,
    write: false,
    charset: "utf8",
    logLevel: "warning",
    ...options,
  });
  return outputFiles[0].text;
}

const script = await bundled("page.mts", { format: "iife", target: "es2023" });
const style = await bundled("page.css", {});
const outFile = path.resolve(root, values.outDir, folder, "browser.cjs");
await mkdir(path.dirname(outFile), { recursive: true });
await writeFile(
  outFile,
  `exports.script = ${JSON.stringify(script)};\nexports.style = ${JSON.stringify(style)};\n`,
);
