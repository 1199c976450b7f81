import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import pLimit from "p-limit";
import type { ConnectionInputs } from "../../provider/cluster/connection/schema.js";
import { pageAt } from "../support/documented/pages.js";
import { evaluated, type ProgramRow, programRows } from "../support/documented/programLines.js";
import type { HookedResource } from "../support/programs/hookMessages.js";
import { startHookProcess } from "../support/programs/hookProcess.js";
import { type ConnectionWorld, openConnectionWorld } from "../support/worlds/connection.js";
import {
  connectionProofs,
  impersonation,
  kubeconfigOf,
  type MakeProof,
  named,
  proxyHeader,
} from "./connectionProofs.js";

/** Of both modules, each with what shows that the line has its effect. */
const proofs: Readonly<Record<string, MakeProof>> = {
  "`host`": connectionProofs.host,
  "`api_key`": connectionProofs.token,
  "`username`": connectionProofs.username,
  "`password`": connectionProofs.password,
  "`ca_cert`": connectionProofs.caCert,
  "`client_cert`": connectionProofs.clientCert,
  "`client_key`": connectionProofs.clientKey,
  "`validate_certs: false`": connectionProofs.skipTlsVerify,
  "`kubeconfig`, a path": connectionProofs.kubeconfig,
  "`kubeconfig`, a dictionary": ofDictionary,
  "`context`": connectionProofs.context,
  "`impersonate_user`": connectionProofs.impersonate,
  "`impersonate_groups`": (world, who) => impersonation(world, who, ["dev", "ops"]),
  "`proxy`": connectionProofs.proxyUrl,
  "`no_proxy`": connectionProofs.noProxy,
  "`proxy_headers.basic_auth`": (world, who) => proxyHeader(world, who, "basicAuth"),
  "`proxy_headers.proxy_basic_auth`": (world, who) => proxyHeader(world, who, "proxyBasicAuth"),
  "`proxy_headers.user_agent`": (world, who) => proxyHeader(world, who, "userAgent"),
  "`persist_config`": keepsKubeconfig,
};

const urn = (type: string) => `urn:pulumi:dev::shop::pulumi-nodejs:dynamic/okd:${type}::web`;
const resources: readonly (readonly [HookedResource, object])[] = [
  [
    "importedImageStream",
    { __urn: urn("ImportedImageStream"), namespace: "shop", source: "quay.io/acme/web:v1" },
  ],
  ["imagePrunePolicy", { __urn: urn("ImagePrunePolicy") }],
  ["imageArchive", { __urn: urn("ImageArchive"), path: "web.tar", images: [{ stream: "shop/web:v1" }] }],
];

describe("the connection of Ansible's modules in docs/from/ansible.md", function () {
  this.timeout(120_000);
  const rows = programRows(pageAt("docs/from/ansible.md"), "How the modules connect");
  const limit = pLimit(3);
  let world: ConnectionWorld;
  let finished: Promise<void>[][];
  before(async () => {
    world = await openConnectionWorld();
    finished = rows.map((row, index) =>
      resources.map(([resource, args], at) => limit(() => run(row, resource, args, `robot${index}-${at}`))),
    );
    for (const each of finished.flat()) each.catch(() => undefined);
  });
  after(async () => {
    await Promise.allSettled(finished.flat());
    await world.close();
  });

  it("has a row for every option, and a run for every row", () => {
    assert.deepEqual(
      rows.map(({ option }) => option),
      Object.keys(proofs),
    );
  });

  for (const [index, { option, line }] of rows.entries()) {
    for (const [at, [resource]] of resources.entries()) {
      it(`takes ${option} of an ${resource} as ${line}`, () => finished[index]?.[at]);
    }
  }

  async function run({ option, line }: ProgramRow, resource: HookedResource, args: object, who: string) {
    const { settings, proves } = await (proofs[option] as MakeProof)(world, who);
    const given = evaluated(line, namesIn(settings)) as { readonly connection: ConnectionInputs };
    assert.deepEqual(JSON.parse(JSON.stringify(given)), JSON.parse(JSON.stringify({ connection: settings })));
    proves(inTheWordsOfImports(await saidBy(resource, { ...args, ...given }), who));
  }
});

/** Every name that a line may use for a part of the settings. */
function namesIn(settings: ConnectionInputs): Readonly<Record<string, unknown>> {
  const { kubeconfig, impersonate, proxyHeaders } = settings;
  const parts = typeof kubeconfig === "object" ? kubeconfig : {};
  return { context: parts["current-context"], ...parts, ...impersonate, ...proxyHeaders, ...settings };
}

/** The only user whom the connection knows has no rights: policies and archives do not name him. */
function inTheWordsOfImports(said: string, who: string): string {
  return said.replace(/this user may not (?:list|get) image\w+/, `${who} may not get imagestreams`);
}

async function saidBy(resource: HookedResource, news: object): Promise<string> {
  const hooks = startHookProcess();
  try {
    return JSON.stringify(await hooks.call(resource, "check", {}, { __preview: true, ...news }));
  } finally {
    await hooks.end();
  }
}

function ofDictionary(world: ConnectionWorld, who: string): ReturnType<MakeProof> {
  const {
    apiVersion: _,
    kind: __,
    ...kubeconfig
  } = JSON.parse(kubeconfigOf(world, who)) as Record<string, unknown>;
  return {
    field: "kubeconfig",
    settings: { kubeconfig },
    proves: named(who),
    without: /no cluster is named/,
  };
}

/** What an exec plugin says is used, and the file stays as it is. */
function keepsKubeconfig(world: ConnectionWorld, who: string): ReturnType<MakeProof> {
  const config = JSON.parse(kubeconfigOf(world, who)) as {
    users: { user: { token?: string; exec?: object } }[];
  };
  for (const { user } of config.users) {
    const status = { kind: "ExecCredential", status: { token: user.token } };
    const apiVersion = "client.authentication.k8s.io/v1";
    user.exec = { apiVersion, command: "/bin/echo", args: [JSON.stringify(status)] };
    delete user.token;
  }
  const text = JSON.stringify(config);
  const kubeconfig = world.file(text);
  return {
    field: "kubeconfig",
    settings: { kubeconfig },
    proves(said) {
      named(who)(said);
      assert.equal(readFileSync(kubeconfig, "utf8"), text);
    },
    without: /no cluster is named/,
  };
}
