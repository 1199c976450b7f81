// Answers which packages a program has, and which of them need a Pulumi plugin.
"use strict";

const fs = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");
const { language, plugin } = require("./sdk.cjs");

/** The packages under the program's node_modules that say `pulumi: {resource: true}`. */
function requiredPackages(programDirectory) {
  return [...installedPackages(programDirectory)]
    .filter((manifest) => manifest.pulumi?.resource === true)
    .map(({ name, version, pulumi }) =>
      new plugin.PackageDependency()
        .setKind("resource")
        .setName(pulumi.name ?? name.replace(/^@pulumi\//, ""))
        .setVersion(`v${(pulumi.version ?? version).replace(/^v/, "")}`)
        .setServer(pulumi.server ?? ""),
    );
}

/** The direct dependencies of the program with their installed versions. */
function directDependencies(programDirectory) {
  const manifest = readManifest(programDirectory) ?? {};
  const require = createRequire(path.join(programDirectory, "program.js"));
  return Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).flatMap((name) => {
    const folder = (require.resolve.paths(name) ?? [])
      .map((root) => path.join(root, name))
      .find((candidate) => fs.existsSync(candidate));
    const version = folder && readManifest(folder)?.version;
    return version ? [new language.DependencyInfo().setName(name).setVersion(version)] : [];
  });
}

function* installedPackages(folder) {
  const root = path.join(folder, "node_modules");
  for (const name of subfolders(root)) {
    const names = name.startsWith("@")
      ? subfolders(path.join(root, name)).map((rest) => path.join(name, rest))
      : [name];
    for (const packageName of names) {
      const packageFolder = path.join(root, packageName);
      const manifest = readManifest(packageFolder);
      if (manifest) yield manifest;
      yield* installedPackages(packageFolder);
    }
  }
}

/** Links are left out: they lead to the program's own workspace, and may form a circle. */
function subfolders(folder) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map((entry) => entry.name);
}

function readManifest(folder) {
  try {
    return JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  } catch {
    return undefined;
  }
}

module.exports = { directDependencies, requiredPackages };
