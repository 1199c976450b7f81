// Runs a Pulumi program in a Node process of its own, as the official language host does.
"use strict";

const { spawn } = require("node:child_process");
const { createRequire } = require("node:module");
const path = require("node:path");
const { language } = require("./sdk.cjs");

// The SDK exits with this code when it has already told the user what is wrong.
const ALREADY_REPORTED = 32;
const GRACE_MS = 5000;

const programs = new Set();

function stopPrograms(signal) {
  for (const program of programs) program.kill(signal);
}

async function runProgram(request, engineAddress, call) {
  const response = new language.RunResponse();
  const runner = locateRunner(request.getInfo().getProgramDirectory());
  if (runner === undefined) {
    return response.setError(
      "It looks like the Pulumi SDK has not been installed. Have you run pulumi install?",
    );
  }
  if (request.getAttachDebugger()) {
    return response.setError(
      "This language host has no debugger support; install Pulumi from its own site for that.",
    );
  }
  const options = request.getInfo().getOptions()?.toJavaScript() ?? {};
  const program = spawn(
    process.execPath,
    [...splitWords(options.nodeargs ?? ""), runner, ...programArguments(request, engineAddress)],
    {
      env: { ...process.env, ...programEnvironment(request, options) },
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  programs.add(program);
  call.on("cancelled", () => stop(program));
  try {
    const { code, signal } = await ended(program);
    if (code === ALREADY_REPORTED) return response.setBail(true);
    if (signal !== null) return response.setError(`Program was ended by ${signal}`);
    return code === 0 ? response : response.setError(`Program exited with non-zero exit code: ${code}`);
  } finally {
    programs.delete(program);
  }
}

/** The SDK of the program, not ours: they may differ. */
function locateRunner(programDirectory) {
  try {
    return createRequire(path.join(programDirectory, "program.js")).resolve("@pulumi/pulumi/cmd/run");
  } catch {
    return undefined;
  }
}

function programArguments(request, engineAddress) {
  const flags = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    "root-directory": request.getInfo().getRootDirectory(),
    stack: request.getStack(),
    pwd: request.getInfo().getProgramDirectory(),
    parallel: String(request.getParallel()),
  };
  return [
    ...Object.entries(flags).flatMap(([name, value]) => (value === "" ? [] : [`--${name}`, value])),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    request.getInfo().getEntryPoint(),
    ...request.getArgsList(),
  ];
}

function programEnvironment(request, options) {
  const config = Object.fromEntries(
    request
      .getConfigMap()
      .toArray()
      .map(([key, value]) => [configKey(key), value]),
  );
  return {
    PULUMI_CONFIG: JSON.stringify(config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    ...(options.typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
    ...(options.tsconfig === undefined ? {} : { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig }),
  };
}

/** `project:name` -> `project:config:name`, the form that every SDK version understands. */
function configKey(key) {
  const parts = key.split(":");
  return parts.length === 2 ? `${parts[0]}:config:${parts[1]}` : key;
}

/** Splits like a shell: blanks separate, quotes hold together. */
function splitWords(text) {
  const words = text.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}

function stop(program) {
  program.kill("SIGINT");
  setTimeout(() => program.kill("SIGKILL"), GRACE_MS).unref();
}

function ended(program) {
  return new Promise((resolve, reject) => {
    program.once("error", reject);
    program.once("exit", (code, signal) => resolve({ code, signal }));
  });
}

module.exports = { runProgram, stopPrograms };
