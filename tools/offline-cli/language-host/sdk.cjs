// The SDK's protocol classes. They and gRPC must come from one SDK: instances of two copies do not mix.
"use strict";

const { createRequire } = require("node:module");

const sdk = createRequire(require.resolve("@pulumi/pulumi/package.json"));

module.exports = {
  version: sdk("./package.json").version,
  grpc: sdk("@grpc/grpc-js"),
  service: sdk("./proto/language_grpc_pb").LanguageRuntimeService,
  language: sdk("./proto/language_pb"),
  plugin: sdk("./proto/plugin_pb"),
  Empty: sdk("google-protobuf/google/protobuf/empty_pb").Empty,
};
