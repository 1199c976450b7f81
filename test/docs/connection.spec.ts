import assert from "node:assert/strict";
import pLimit from "p-limit";
import { fieldsFromEnvironment, stackConfigKeys } from "../../provider/cluster/connection/fields.js";
import { connectionSchema } from "../../provider/cluster/connection/schema.js";
import { proxyFromEnvironment } from "../../provider/http/proxy.js";
import { type DocumentedSource, documentedSources } from "../support/documented/connectionTable.js";
import { proxyHeaderOf, type SaidConnection, sayConnection } from "../support/documented/saidConnection.js";
import { startHookProcess } from "../support/programs/hookProcess.js";
import { type ConnectionWorld, openConnectionWorld } from "../support/worlds/connection.js";
import {
  asUser,
  connectionProofs,
  impersonation,
  kubeconfigOf,
  type MakeProof,
  named,
  type Proof,
  type ProofName,
  proxyFor,
  proxyHeader,
  proxySaw,
} from "./connectionProofs.js";

/** Processes at a time. */
const limit = pLimit(3);
const documented = documentedSources();
const namesOf = (place: DocumentedSource["place"]) =>
  documented.filter((source) => source.place === place).map(({ name }) => name);

interface Row {
  readonly title: string;
  readonly run: (world: ConnectionWorld, who: string) => Promise<void>;
}

describe("the documented connection", function () {
  this.timeout(60_000);
  let world: ConnectionWorld;
  let finished: Promise<void>[];
  const rows: readonly Row[] = [
    ...documented.map(rowOfSource),
    ...(Object.keys(connectionProofs) as ProofName[])
      .filter((field) => field !== "timeoutSeconds")
      .map(rowWithout),
    ...kubeconfigForms(),
  ];

  before(async () => {
    world = await openConnectionWorld();
    finished = rows.map(({ run }, index) => limit(() => run(world, `user${index}`)));
    for (const each of finished) each.catch(() => undefined);
  });
  after(async () => {
    await Promise.allSettled(finished);
    await world.close();
    console.log(`    ${rows.length} rows of the connection, each in a process of its own`);
  });

  for (const [index, { title }] of rows.entries()) it(title, () => finished[index]);

  it("is what the code reads: arguments, keys of the stack's config and variables", () => {
    const read = new Set<string>();
    const variable = (name: string) => {
      read.add(name);
      return undefined;
    };
    fieldsFromEnvironment(variable);
    for (const server of ["https://api", "http://api"]) {
      proxyFromEnvironment(new URL(server), variable);
      proxyFromEnvironment(new URL(server), (name) => {
        variable(name);
        return /^https?_/i.test(name) ? "http://proxy" : undefined;
      });
    }
    assert.deepEqual(namesOf("argument").toSorted(), Object.keys(connectionSchema.shape).toSorted());
    assert.deepEqual(namesOf("stack config").toSorted(), stackConfigKeys.toSorted());
    assert.deepEqual(namesOf("variable").toSorted(), [...read].toSorted());
  });
});

/** What the check of an image stream says, be it a failure or the checked inputs. */
async function saidBy(
  { connection, config, environment }: SaidConnection,
  namesNamespace = true,
  folder?: string,
): Promise<string> {
  const hooks = startHookProcess({ environment, ...(folder === undefined ? {} : { folder }) });
  const inputs = {
    __preview: true,
    __urn: "urn:pulumi:dev::shop::pulumi-nodejs:dynamic:Resource::web",
    name: "web",
    tags: { v1: "quay.io/acme/web:v1" },
    ...(namesNamespace ? { namespace: "shop" } : {}),
    ...(connection === undefined ? {} : { connection }),
  };
  try {
    await hooks.call("importedImageStream", "configure", config);
    return JSON.stringify(await hooks.call("importedImageStream", "check", {}, inputs));
  } catch (error) {
    return String(error);
  } finally {
    await hooks.end();
  }
}

function rowOfSource(source: DocumentedSource): Row {
  return {
    title: `takes the ${source.place} ${source.name}`,
    async run(world, who) {
      if (/^(?:https?|all|no)_proxy$/i.test(source.name)) return runProxyVariable(source.name, world, who);
      const proof = await proofOf(source)(world, who);
      const said = sayConnection(proof.settings, source, documented);
      proof.proves(await saidBy(said, proof.namesNamespace));
    },
  };
}

function proofOf({ place, name, field }: DocumentedSource): MakeProof {
  assert.ok(Object.hasOwn(connectionProofs, field), `the setting ${field} has no run`);
  if (field === "proxyHeaders" && place === "variable")
    return (world, who) => proxyHeader(world, who, proxyHeaderOf(name));
  if (field !== "impersonate") return connectionProofs[field as ProofName];
  const takesGroups = place !== "variable" || name.endsWith("_GROUPS");
  return (world, who) => impersonation(world, who, takesGroups ? ["dev", "ops"] : undefined);
}

/** The proof of a setting proves something only where all the rest does not show the same. The default timeout is long. */
function rowWithout(field: ProofName): Row {
  const source: DocumentedSource = { place: "argument", name: field, field };
  return {
    title: `does something else without the argument ${field}`,
    async run(world, who) {
      const proof: Proof = await connectionProofs[field](world, who);
      const said = sayConnection(proof.settings, source, documented, true);
      assert.match(await saidBy(said, proof.namesNamespace), proof.without);
    },
  };
}

function kubeconfigForms(): readonly Row[] {
  const argument: DocumentedSource = { place: "argument", name: "kubeconfig", field: "kubeconfig" };
  const config: DocumentedSource = { place: "stack config", name: "okd:kubeconfig", field: "kubeconfig" };
  const row = (
    form: string,
    source: DocumentedSource,
    give: (content: string, world: ConnectionWorld) => string | Record<string, unknown>,
  ): Row => ({
    title: `takes the ${source.place} ${source.name} as ${form}`,
    async run(world, who) {
      const kubeconfig = give(kubeconfigOf(world, who), world);
      named(who)(await saidBy(sayConnection({ kubeconfig }, source, documented)));
    },
  });
  return [
    row("content", argument, (content) => content),
    row("an object", argument, (content) => JSON.parse(content) as Record<string, unknown>),
    row("content", config, (content) => content),
    row("several paths", argument, (content, world) => ["/none", world.file(content)].join(":")),
  ];
}

/** The address is no loopback address by its text, for which no variable sets a proxy. */
async function runProxyVariable(name: string, world: ConnectionWorld, who: string): Promise<void> {
  const isPlain = /^http_proxy$/i.test(name);
  const { port } = new URL((isPlain ? world.sandbox.httpUrl : world.sandbox.url) ?? "");
  const { token } = asUser(world, who);
  const host = `${isPlain ? "http" : "https"}://0.0.0.0:${port}`;
  const connection = { host, token, skipTlsVerify: true };
  const proxy = proxyFor(world, who);
  const isExemption = /^no_proxy$/i.test(name);
  const environment = isExemption ? { HTTPS_PROXY: proxy, [name]: "0.0.0.0" } : { [name]: proxy };
  named(who)(await saidBy({ connection, config: {}, environment }));
  if (isExemption)
    assert.deepEqual(
      world.proxied.filter((line) => line.startsWith(`${who} `)),
      [],
    );
  else proxySaw(world, who, new RegExp(`0\\.0\\.0\\.0:${port}`));
}
