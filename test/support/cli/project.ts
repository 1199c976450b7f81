import { cpSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { repositoryRoot } from "../repositoryRoot.js";
import type { ProgramSpec } from "./programSpec.js";

const projectName = "okd-images-test";

/** The oldest SDK that is supported, the one that this repository develops with, and the newest that was tried. */
export type SdkChoice = "minimum" | "locked" | "newest";

const sdkPackages: Readonly<Record<SdkChoice, string>> = {
  minimum: "pulumi-sdk-minimum",
  locked: "@pulumi/pulumi",
  newest: "pulumi-sdk-newest",
};

/** A folder like the one that a user has after `npm install`: Pulumi.yaml, a program and its own node_modules. */
export interface TestProject {
  readonly name: string;
  /** A temporary folder, with the backend and the CLI's home. */
  readonly root: string;
  readonly folder: string;
  readonly backendFolder: string;
  readonly environment: Readonly<Record<string, string>>;
  declare(program: ProgramSpec): void;
}

const packages = join(repositoryRoot, "node_modules");

/** A project with the program of program.ts, and with the packages of this repository. */
export function createProject(sdk: SdkChoice = "locked"): TestProject {
  const project = createEmptyProject();
  cpSync(require.resolve("./program.js"), join(project.folder, "index.js"));
  installPackages(project, sdk);
  return project;
}

/** Without program and packages. `folderName`: of the project's own folder. */
export function createEmptyProject(manifest: object = {}, folderName = "project"): TestProject {
  const project = projectIn(projectName, (root) => join(root, folderName));
  const { folder } = project;
  mkdirSync(folder);
  writeFileSync(
    join(folder, "Pulumi.yaml"),
    `name: ${projectName}\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n`,
  );
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: projectName, private: true, ...manifest }),
  );
  return project;
}

/** A project that exists, with a backend of its own. */
export function openProject(name: string, folder: string): TestProject {
  return projectIn(name, () => folder);
}

function projectIn(name: string, folderBelow: (root: string) => string): TestProject {
  const root = mkdtempSync(join(tmpdir(), "okd-engine-"));
  const folder = folderBelow(root);
  const backendFolder = join(root, "backend");
  for (const path of [backendFolder, join(root, "home")]) mkdirSync(path);
  return {
    name,
    root,
    folder,
    backendFolder,
    environment: cliEnvironment(root),
    declare: (program) => writeFileSync(join(folder, "program.json"), JSON.stringify(program)),
  };
}

/** Keeps out the machine's own settings: its kubeconfig and its Pulumi account. */
export function cliEnvironment(root: string): Readonly<Record<string, string>> {
  return {
    PATH: process.env.PATH ?? "",
    HOME: join(root, "home"),
    PULUMI_HOME: join(root, "home", ".pulumi"),
    PULUMI_BACKEND_URL: `file://${join(root, "backend")}`,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_SKIP_UPDATE_CHECK: "1",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    // The flag --event-log is hidden without it.
    PULUMI_DEBUG_COMMANDS: "1",
  };
}

/**
 * The package is copied as it would be published, so that it finds the project's SDK and not this repository's; what
 * it depends on is linked.
 */
export function installPackages({ folder }: TestProject, sdk: SdkChoice = "locked"): void {
  const target = join(folder, "node_modules");
  const own = join(target, "pulumi-okd-images");
  cpSync(join(repositoryRoot, "dist", "provider"), join(own, "dist", "provider"), { recursive: true });
  cpSync(join(repositoryRoot, "package.json"), join(own, "package.json"));
  for (const name of packageNames()) {
    if (name === "pulumi-okd-images" || name === "@pulumi/pulumi") continue;
    link(join(packages, name), join(target, name));
  }
  link(join(packages, sdkPackages[sdk]), join(target, "@pulumi/pulumi"));
}

function packageNames(): readonly string[] {
  return readdirSync(packages)
    .filter((name) => !name.startsWith("."))
    .flatMap((name) =>
      name.startsWith("@") ? readdirSync(join(packages, name)).map((rest) => `${name}/${rest}`) : [name],
    );
}

function link(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  symlinkSync(from, to);
}
