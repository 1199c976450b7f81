// `pulumi install`: runs npm in the program's folder and streams what it prints.
"use strict";

const { spawn } = require("node:child_process");
const { grpc, language } = require("./sdk.cjs");

function installDependencies(call) {
  // npm looks upward for the root of a workspace by itself.
  const npm = spawn("npm", ["install", "--loglevel=error"], {
    cwd: call.request.getInfo().getProgramDirectory(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  npm.stdout.on("data", (chunk) => call.write(new language.InstallDependenciesResponse().setStdout(chunk)));
  npm.stderr.on("data", (chunk) => call.write(new language.InstallDependenciesResponse().setStderr(chunk)));
  const fail = (details) => call.emit("error", { code: grpc.status.UNKNOWN, details });
  npm.once("error", (error) => fail(`npm could not be started: ${error.message}`));
  npm.once("close", (code) => (code === 0 ? call.end() : fail(`npm install failed with exit code ${code}`)));
}

module.exports = { installDependencies };
