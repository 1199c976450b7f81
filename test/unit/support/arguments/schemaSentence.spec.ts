import assert from "node:assert/strict";
import { parseArgs as parseArchive } from "../../../../provider/archive/args/schema.js";
import { createClusterConnector } from "../../../../provider/cluster/connection/open.js";
import { parseArgs as parseImport } from "../../../../provider/imports/args/schema.js";
import { formatIssue } from "../../../../provider/lifecycle/check.js";
import { parseArgs as parsePrune } from "../../../../provider/prune/args/schema.js";
import type { ArgumentIssue, Parsed } from "../../../../provider/support/arguments/parsed.js";

type Parse = (inputs: unknown) => Promise<Parsed<unknown>> | Parsed<unknown>;

const stream: Parse = (inputs) => parseImport({ name: "web", source: "a.b/c:v1", ...(inputs as object) });
const archive: Parse = (inputs) =>
  parseArchive({ path: "web.tar", images: ["a.b/c:v1"], ...(inputs as object) });
const connection: Parse = async (inputs) => {
  const issues = await createClusterConnector().issues(inputs as never);
  return issues.length === 0 ? { ok: true, args: undefined } : { ok: false, issues };
};

/** What a user may write, and the one sentence that is shown. */
const rows: readonly (readonly [title: string, parse: Parse, inputs: unknown, sentence: string])[] = [
  ["list for map", stream, { labels: ["a"] }, "labels: must be a map, like { name: value }, not a list"],
  ["text for map", stream, { tags: "v1" }, "tags: must be a map, like { name: value }, not a text"],
  ["number for text in map", stream, { labels: { a: 1 } }, "labels.a: must be a text, not a number"],
  ["text for flag", stream, { adopt: "yes" }, "adopt: must be true or false, not a text"],
  ["null for flag", stream, { adopt: null }, "adopt: must be true or false, not null"],
  ["number for tag", stream, { tags: { v1: 5 } }, "tags.v1: must be an object, not a number"],
  ["text for list", stream, { triggers: "now" }, "triggers: must be a list, not a text"],
  [
    "list for duration",
    stream,
    { timeouts: { check: [] } },
    "timeouts.check: must be a text or a number, not a list",
  ],
  [
    "wrong choice",
    stream,
    { onDestroy: "owed" },
    'onDestroy: must be one of "owned", "stream", "keep", not "owed"; did you mean "owned"?',
  ],
  [
    "wrong choice of another kind",
    stream,
    { onDestroy: false },
    'onDestroy: must be one of "owned", "stream", "keep", not false',
  ],
  [
    "wrong choice far from all",
    stream,
    { trackUpstream: "x" },
    'trackUpstream: must be one of "pinned", "report", "follow", not "x"',
  ],
  [
    "wrong key",
    stream,
    { trackUpsteam: "follow" },
    'trackUpsteam: is not an argument of this resource; did you mean "trackUpstream"?',
  ],
  [
    "wrong key of a tag",
    stream,
    { tags: { v1: { image: "a.b/c:1", importmode: "Legacy" } } },
    'tags.v1.importmode: is not an argument of this resource; did you mean "importMode"?',
  ],
  [
    "wrong key of timeouts",
    stream,
    { timeouts: { chekc: 5 } },
    'timeouts.chekc: is not an argument of this resource; did you mean "check"?',
  ],
  ["unknown key", stream, { colour: "red" }, "colour: is not an argument of this resource"],
  [
    "a key that every object inherits",
    stream,
    { tags: { v1: { image: "a.b/c:1", constructor: 1 } } },
    "tags.v1.constructor: is not an argument of this resource",
  ],
  [
    "missing source of a tag",
    stream,
    { tags: { v1: {} } },
    "tags.v1: needs a source: one of image, alias, imageStreamTag, imageStreamImage",
  ],

  [
    "wrong mode",
    parsePrune,
    { mode: "reprot" },
    'mode: must be one of "prune", "report", not "reprot"; did you mean "report"?',
  ],
  [
    "wrong force",
    parsePrune,
    { force: ["nopods"] },
    'force[0]: must be one of "noPods", "noStreams", "zeroRevisions", "clusterUpgrading", "registryDegraded", "imagePrunerRunning", not "nopods"; did you mean "noPods"?',
  ],
  [
    "text for count",
    parsePrune,
    { keepTagRevisions: "3" },
    "keepTagRevisions: is not a whole number of 0 or more",
  ],
  [
    "flag for age",
    parsePrune,
    { keepYoungerThan: true },
    "keepYoungerThan: must be a text or a number, not true",
  ],
  ["too many workers", parsePrune, { workers: 65 }, "workers: must be at most 64"],
  ["no workers", parsePrune, { workers: 0 }, "workers: must be at least 1"],
  [
    "a fraction of a worker",
    parsePrune,
    { workers: 1.5 },
    "workers: must be a whole number, not a number with a fraction",
  ],
  ["text for limits", parsePrune, { limits: "50%" }, "limits: must be an object, not a text"],
  [
    "wrong key of limits",
    parsePrune,
    { limits: { imagse: 5 } },
    'limits.imagse: is not an argument of this resource; did you mean "images"?',
  ],
  [
    "wrong key of keep",
    parsePrune,
    { keep: { digest: [] } },
    'keep.digest: is not an argument of this resource; did you mean "digests"?',
  ],
  [
    "wrong key of select",
    parsePrune,
    { select: { namespace: ["a"] } },
    'select.namespace: is not an argument of this resource; did you mean "namespaces"?',
  ],
  [
    "wrong key of the registry",
    parsePrune,
    { registry: { cacert: "x" } },
    'registry.cacert: is not an argument of this resource; did you mean "caCert"?',
  ],
  [
    "wrong key in a list",
    parsePrune,
    { extraReferences: [{ apiVersion: "a/v1", kind: "B", jsonpath: "$", jsonPath: "$" }] },
    'extraReferences[0].jsonpath: is not an argument of this resource; did you mean "jsonPath"?',
  ],
  ["text for list of texts", parsePrune, { keep: { tags: "v1" } }, "keep.tags: must be a list, not a text"],

  ["map for images", archive, { images: { web: "x" } }, "images: must be a list, not an object"],
  ["number for an image", archive, { images: [7] }, "images[0]: must be an object, not a number"],
  [
    "wrong key of an image",
    archive,
    { images: [{ registry: "a.b/c:1", platform: ["x"] }] },
    'images[0].platform: is not an argument of this resource; did you mean "platforms"?',
  ],
  [
    "stream handle without tag",
    archive,
    { images: [{ stream: { name: "web" } }] },
    "images[0].stream.tag: is required",
  ],
  [
    "number for a stream",
    archive,
    { images: [{ stream: 5 }] },
    "images[0].stream: must be a text or an object, not a number",
  ],
  [
    "wrong format",
    archive,
    { format: "oci" },
    'format: must be one of "docker-archive", "oci-archive", "engine", not "oci"',
  ],
  [
    "wrong compression",
    archive,
    { compression: "gzpi" },
    'compression: must be one of "none", "gzip", "zstd", not "gzpi"; did you mean "gzip"?',
  ],
  [
    "wrong key of a registry",
    archive,
    { registries: { "a.b": { user: "x", pasword: "y" } } },
    'registries["a.b"].pasword: is not an argument of this resource; did you mean "password"?',
  ],
  [
    "wrong key of the engine",
    archive,
    { engine: { Host: "x" } },
    'engine.Host: is not an argument of this resource; did you mean "host"?',
  ],
  [
    "list for registries",
    archive,
    { registries: [] },
    "registries: must be a map, like { name: value }, not a list",
  ],
  [
    "no time at all",
    archive,
    { engine: { timeoutSeconds: 0 } },
    "engine.timeoutSeconds: must be more than 0",
  ],

  [
    "wrong key of a connection",
    connection,
    { contxt: "prod" },
    'contxt: is not a setting of a connection; did you mean "context"?',
  ],
  [
    "wrong key of an impersonation",
    connection,
    { impersonate: { usr: "a", user: "b" } },
    'impersonate.usr: is not a setting of a connection; did you mean "user"?',
  ],
  [
    "number for a kubeconfig",
    connection,
    { kubeconfig: 5 },
    "kubeconfig: must be a text or a map, like { name: value }, not a number",
  ],
  ["an empty kubeconfig", connection, { kubeconfig: "" }, "kubeconfig: must not be empty"],
  ["text for a number", connection, { timeoutSeconds: "30" }, "timeoutSeconds: must be a number, not a text"],
];

describe("Mistakes in arguments", () => {
  for (const [title, parse, inputs, sentence] of rows) {
    it(`are one sentence: ${title}`, async () => {
      const parsed = await parse(inputs);
      const sentences = (parsed.ok ? [] : parsed.issues).map((issue: ArgumentIssue) => formatIssue(issue));

      assert.ok(sentences.includes(sentence), sentences.join("\n"));
      for (const each of sentences) assert.doesNotMatch(each, /Invalid|expected|received|Too /);
    });
  }
});
