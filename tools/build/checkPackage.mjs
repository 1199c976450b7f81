// Checks the package as it would be published: its manifest and types (publint, attw), what it holds, and that a project
// with nothing but the declared dependencies can load it. It packs what `dist/` holds, and asks no registry.
// Usage: node tools/build/checkPackage.mjs
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");
/** Bytes of the packed package; more than this is no accident, and then this number is raised. */
const maxPackedBytes = 2_000_000;
const needed = [
  "README.md",
  "CHANGELOG.md",
  "SECURITY.md",
  "LICENSE",
  "package.json",
  "docs/design/README.md",
];
const wanted = [/^dist\/provider\/.*\.(js|js\.map|d\.ts|cjs|txt)$/, /^docs\/.*\.md$/];

const folder = mkdtempSync(path.join(tmpdir(), "package-check-"));
try {
  const { filename, files, size } = pack();
  const tarball = path.join(folder, filename);
  checkFiles(files.map((file) => file.path));
  assert.ok(size <= maxPackedBytes, `${filename} has ${size} bytes, more than ${maxPackedBytes}`);
  run("publint", ["--strict", tarball]);
  // Resolution as Node 10 had it knows no "exports", so it cannot find ./hooks.
  run("attw", ["--profile", "node16", tarball]);
  checkSources(unpack(tarball), files);
  load(["require('pulumi-okd-images')", "require('pulumi-okd-images/hooks')"], "commonjs");
  load(["await import('pulumi-okd-images')", "await import('pulumi-okd-images/hooks')"], "module");
  console.log(`${filename}: ${files.length} files, ${size} bytes; it can be required and imported`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(tool, args) {
  execFileSync(path.join(root, "node_modules/.bin", tool), args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
}

function pack() {
  const options = ["--ignore-scripts", "--json", "--pack-destination", folder];
  const answer = execFileSync("npm", ["pack", ...options], { cwd: root, encoding: "utf8" });
  return JSON.parse(answer)[0];
}

function checkFiles(names) {
  const strangers = names.filter(
    (name) => !needed.includes(name) && !wanted.some((pattern) => pattern.test(name)),
  );
  assert.deepEqual(strangers, [], "the package holds files that nobody needs");
  const missing = needed.filter((name) => !names.includes(name));
  assert.deepEqual(missing, [], "the package lacks files");
}

/** Unpacks it into an otherwise empty project, beside links to the packages that it declares; returns its folder. */
function unpack(tarball) {
  const packages = path.join(folder, "node_modules");
  const own = path.join(packages, "pulumi-okd-images");
  mkdirSync(own, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "-C", own, "--strip-components=1"]);
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(path.join(own, "package.json"), "utf8"));
  for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
    const link = path.join(packages, name);
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(path.join(root, "node_modules", name), link);
  }
  return own;
}

function checkSources(own, files) {
  const maps = files.map((file) => file.path).filter((name) => name.endsWith(".map"));
  const empty = maps.filter((name) => {
    const { sourcesContent } = JSON.parse(readFileSync(path.join(own, name), "utf8"));
    return !sourcesContent?.every((source) => typeof source === "string");
  });
  assert.deepEqual(empty, [], "source maps without sources");
}

/** Runs expressions in the empty project; each must give a module that exports something. */
function load(expressions, type) {
  const checks = expressions.map((expression) => `if (Object.keys(${expression}).length === 0) throw 0;`);
  const program = checks.join("\n");
  execFileSync(process.execPath, [`--input-type=${type}`, "-e", program], { cwd: folder, stdio: "inherit" });
}
