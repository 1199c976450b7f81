// Checks the packages as they would be published: manifest and types (publint, attw), what they hold, and that a project with
// nothing but the declared dependencies can load them. It packs what `dist/` and `sandbox/dist/` hold, and asks no registry.
// Usage: node tools/build/checkPackage.mjs
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");
/** `maxPackedBytes`: more than this is no accident, and then this number is raised. */
const packages = [
  {
    name: "pulumi-okd-images",
    source: root,
    entries: ["pulumi-okd-images", "pulumi-okd-images/hooks"],
    maxPackedBytes: 2_000_000,
    needed: ["README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", "package.json", "docs/design/README.md"],
    wanted: [/^dist\/provider\/.*\.(js|js\.map|d\.ts|cjs|txt)$/, /^docs\/.*\.md$/],
  },
  {
    name: "okd-image-sandbox",
    source: path.join(root, "sandbox"),
    entries: ["okd-image-sandbox"],
    maxPackedBytes: 500_000,
    needed: ["README.md", "LICENSE", "package.json", "dist/main.js"],
    wanted: [/^dist\/.*\.(js|js\.map|d\.ts)$/],
  },
];

const folder = mkdtempSync(path.join(tmpdir(), "package-check-"));
try {
  for (const each of packages) check(each);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function check({ name, source, entries, maxPackedBytes, needed, wanted }) {
  const { filename, files, size } = pack(source);
  const tarball = path.join(folder, filename);
  checkFiles(
    files.map((file) => file.path),
    needed,
    wanted,
  );
  assert.ok(size <= maxPackedBytes, `${filename} has ${size} bytes, more than ${maxPackedBytes}`);
  run("publint", ["--strict", tarball]);
  // Resolution as Node 10 had it knows no "exports", so it cannot find all that the packages export.
  run("attw", ["--profile", "node16", tarball]);
  checkSources(unpack(tarball, name), files);
  const loading = (call) => entries.map((entry) => `${call}(${JSON.stringify(entry)})`);
  load(loading("require"), "commonjs");
  load(loading("await import"), "module");
  console.log(`${filename}: ${files.length} files, ${size} bytes; it can be required and imported`);
}

function run(tool, args) {
  execFileSync(path.join(root, "node_modules/.bin", tool), args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
}

function pack(source) {
  const options = ["--ignore-scripts", "--json", "--pack-destination", folder];
  const answer = execFileSync("npm", ["pack", ...options], { cwd: source, encoding: "utf8" });
  return JSON.parse(answer)[0];
}

function checkFiles(names, needed, wanted) {
  const strangers = names.filter(
    (name) => !needed.includes(name) && !wanted.some((pattern) => pattern.test(name)),
  );
  assert.deepEqual(strangers, [], "the package holds files that nobody needs");
  const missing = needed.filter((name) => !names.includes(name));
  assert.deepEqual(missing, [], "the package lacks files");
}

/** Unpacks it into an otherwise empty project, beside links to the packages that it declares; returns its folder. */
function unpack(tarball, ownName) {
  const modules = path.join(folder, "node_modules");
  const own = path.join(modules, ownName);
  mkdirSync(own, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "-C", own, "--strip-components=1"]);
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(path.join(own, "package.json"), "utf8"));
  for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
    const link = path.join(modules, name);
    if (existsSync(link)) continue;
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
