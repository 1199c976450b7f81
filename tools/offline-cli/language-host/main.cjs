#!/usr/bin/env node
// Pulumi's language host for Node programs, for a CLI that was built from its Go modules: the official host is not
// published as a module. It covers what preview, up, refresh, destroy, install and about need; with an official
// Pulumi installation it is not used.
"use strict";

const { execFileSync } = require("node:child_process");
const { installDependencies } = require("./installDependencies.cjs");
const { directDependencies, requiredPackages } = require("./packages.cjs");
const { runProgram, stopPrograms } = require("./runProgram.cjs");
const { Empty, grpc, language, plugin, service, version } = require("./sdk.cjs");

// The CLI passes flags (--tracing URL, -v=N) before the engine's address.
let engineAddress = process.argv.slice(2).findLast((argument) => /^[^-].*:\d+$/.test(argument)) ?? "";
const cliProcess = process.ppid;

const handlers = {
  handshake(request) {
    engineAddress = request.getEngineAddress();
    return new language.LanguageHandshakeResponse();
  },
  getPluginInfo: () => new plugin.PluginInfo().setVersion(version),
  run: (request, call) => runProgram(request, engineAddress, call),
  cancel() {
    stopPrograms("SIGINT");
    return new Empty();
  },
  getRequiredPackages: (request) =>
    new language.GetRequiredPackagesResponse().setPackagesList(
      requiredPackages(request.getInfo().getProgramDirectory()),
    ),
  getRequiredPlugins: () => new language.GetRequiredPluginsResponse(),
  getProgramDependencies(request) {
    const dependencies = directDependencies(request.getInfo().getProgramDirectory());
    return new language.GetProgramDependenciesResponse().setDependenciesList(dependencies);
  },
  runtimeOptionsPrompts: () => new language.RuntimeOptionsResponse(),
  template: () => new language.TemplateResponse(),
  about() {
    const response = new language.AboutResponse().setExecutable(process.execPath).setVersion(process.version);
    response.getMetadataMap().set("packagemanager", "npm");
    response
      .getMetadataMap()
      .set("packagemanagerVersion", execFileSync("npm", ["--version"], { encoding: "utf8" }).trim());
    return response;
  },
};

function unary(handler) {
  return async (call, callback) => {
    try {
      callback(null, await handler(call.request, call));
    } catch (error) {
      callback({ code: grpc.status.UNKNOWN, details: error.message });
    }
  };
}

/** Ends this process and its programs at once: nothing of a deployment may go on without the CLI. */
function exit() {
  stopPrograms("SIGKILL");
  process.exit();
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, exit);
for (const stream of [process.stdout, process.stderr]) stream.on("error", exit);
// A CLI that was killed cannot say so; this process then gets another parent.
setInterval(() => process.ppid === cliProcess || exit(), 1000).unref();

const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(service, {
  ...Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, unary(handler)])),
  installDependencies,
});
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port); // The CLI reads the port from the first line.
});
