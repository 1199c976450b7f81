import assert from "node:assert/strict";
import { resolveConnection } from "../../../../provider/cluster/connection/decide.js";
import { createConnector } from "../../../../provider/cluster/connection/open.js";
import type { ConnectionInputs } from "../../../../provider/cluster/connection/schema.js";
import { hasCode } from "../../../../provider/support/imageError.js";
import { never } from "../../../support/clients/cluster.js";
import { type ContextSketch, homeConfig, kubeconfig, machine } from "../../../support/fakes/machine.js";
import { failure, startServer, type TestServer } from "../../../support/servers/scripted.js";

const options = { signal: never };
const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Where the credentials come from, written with `$server` for the address of the server. */
interface Places {
  readonly args?: ConnectionInputs;
  readonly config?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

interface Row extends Places {
  readonly name: string;
  /** Whose credentials are sent; all but `admin` are refused. */
  readonly sent: readonly string[];
  /** What the refusal says after `Tried: `. */
  readonly says?: RegExp;
}

const config = (user: object, more: ContextSketch = {}) =>
  kubeconfig({ prod: { server: "$server", user, ...more } });
const admin = config({ token: "admin" });
const expired = config({ token: "expired" });
/** All places after the argument and the stack's config know the administrator. */
const adminEverywhere = {
  variables: { KUBECONFIG: "/k" },
  files: { "/k": admin, [homeConfig]: admin },
} as const;
const host = "$server";

/** What is chosen in the program or in the stack's config: the same for imports, archives and prunes. */
const chosen: readonly Row[] = [
  {
    name: "a token of the argument",
    args: { host, token: "expired" },
    ...adminEverywhere,
    sent: ["expired"],
    says: /^token \(argument\)\. Not tried: context prod of \/k \(variable KUBECONFIG\), context prod of \S+config; what `connection` says about credentials is final\. /,
  },
  {
    name: "user and password of the argument",
    args: { host, username: "ann", password: "old" },
    ...adminEverywhere,
    sent: ["ann:old"],
    says: /^username \(argument\)\. Not tried: .*`connection` says/,
  },
  {
    name: "a kubeconfig of the argument",
    args: { kubeconfig: expired },
    ...adminEverywhere,
    sent: ["expired"],
    says: /^context prod of kubeconfig \(argument\)\. Not tried: .*`connection` says/,
  },
  {
    name: "a token of the argument beside a kubeconfig of the argument",
    args: { kubeconfig: admin, token: "expired" },
    sent: ["expired"],
    says: /^token \(argument\)\. Not tried: context prod of kubeconfig \(argument\); what/,
  },
  {
    name: "the user of a context that the argument names in KUBECONFIG",
    args: { context: "prod" },
    variables: { KUBECONFIG: "/k", OKD_HOST: host, K8S_AUTH_API_KEY: "admin" },
    files: { "/k": expired, [homeConfig]: admin },
    sent: ["expired"],
    says: /^context prod of \/k \(variable KUBECONFIG\)\. Not tried: token \(variable K8S_AUTH_API_KEY\), .*`connection` says/,
  },
  {
    name: "a token of the stack's config",
    config: { "okd:host": host, "okd:token": "expired" },
    ...adminEverywhere,
    sent: ["expired"],
    says: /^token \(stack config okd:token\)\. Not tried: context prod of \/k .*; what the stack's config says about credentials is final\. /,
  },
  {
    name: "a context of the stack's config",
    config: { "okd:context": "prod" },
    files: { "/k": admin, [homeConfig]: expired },
    variables: { OKD_HOST: host, OKD_TOKEN: "admin" },
    sent: ["expired"],
    says: /^context prod of \S+config\. Not tried: token \(variable OKD_TOKEN\); what the stack's config/,
  },
  {
    name: "a token that was lent to a host of the argument",
    args: { host },
    variables: { OKD_HOST: host, OKD_TOKEN: "expired" },
    files: { [homeConfig]: admin },
    sent: ["expired"],
    says: /^token \(variable OKD_TOKEN\)\. Not tried: context prod of .*; `connection` names the cluster, so that only the first place/,
  },
  {
    name: "a token of the stack's config that was lent to a host of the argument",
    args: { host },
    config: { "okd:host": host, "okd:token": "expired" },
    ...adminEverywhere,
    sent: ["expired"],
    says: /^token \(stack config okd:token\)\. Not tried: context prod/,
  },
];

interface AmbientRow extends Places {
  readonly name: string;
  readonly first: string;
  /** Continues where another identity may take over. */
  readonly next: string;
  readonly warns: RegExp;
}

/** Places that nobody chose: another identity may take over, with a warning, but never for a prune. */
const ambient: readonly AmbientRow[] = [
  {
    name: "a token of the environment beside KUBECONFIG",
    variables: { OKD_HOST: host, OKD_TOKEN: "expired", KUBECONFIG: "/k" },
    files: { "/k": admin },
    first: "expired",
    next: "admin",
    warns: /refused token \(variable OKD_TOKEN\) .* context prod of \/k \(variable KUBECONFIG\)/,
  },
  {
    name: "Ansible's token of the environment before ~/.kube/config",
    variables: { K8S_AUTH_HOST: host, K8S_AUTH_API_KEY: "expired" },
    files: { [homeConfig]: admin },
    first: "expired",
    next: "admin",
    warns: /refused token \(variable K8S_AUTH_API_KEY\) .* context prod of \/home\/ann\/\.kube\/config/,
  },
  {
    name: "KUBECONFIG before ~/.kube/config",
    variables: { KUBECONFIG: "/k" },
    files: { "/k": expired, [homeConfig]: admin },
    first: "expired",
    next: "admin",
    warns: /refused context prod of \/k \(variable KUBECONFIG\) .* context prod of \/home/,
  },
  {
    name: "user and password of the environment before ~/.kube/config",
    variables: { OKD_HOST: host, OKD_USERNAME: "ann", OKD_PASSWORD: "old" },
    files: { [homeConfig]: admin },
    first: "ann:old",
    next: "admin",
    warns: /refused username \(variable OKD_USERNAME\) .* context prod of \/home/,
  },
];

describe("another identity", () => {
  let server: TestServer;
  let toNobody = failure(401, "Unauthorized", "Unauthorized");
  before(async () => {
    server = await startServer(({ headers }) =>
      headers.authorization === "Bearer admin"
        ? { body: { metadata: { name: "kube-system", uid: "1f0c" } } }
        : headers.authorization === undefined
          ? toNobody
          : failure(401, "Unauthorized", "Unauthorized"),
    );
  });
  after(() => server.close());
  beforeEach(() => (server.seen.length = 0));

  const sent = () =>
    server.seen.map(({ headers }) => {
      const [scheme, value = "nobody"] = (headers.authorization ?? "").split(" ");
      return scheme === "Basic" ? Buffer.from(value, "base64").toString("utf8") : value;
    });

  function connector(places: Places) {
    const { args, config, variables, files } = JSON.parse(
      JSON.stringify(places).replaceAll("$server", server.url),
    ) as Places;
    const warnings: string[] = [];
    const connect = createConnector(machine(variables, files), { warn: (text) => warnings.push(text) });
    const request = { inputs: args, config: (key: string) => config?.[key] };
    return {
      warnings,
      open: (others: "never" | "with a warning" = "never") =>
        connect({ ...request, otherIdentities: others }, options),
    };
  }

  for (const { name, sent: expected, says, ...places } of chosen) {
    for (const others of ["never", "with a warning"] as const) {
      const who = others === "never" ? "a prune" : "an import";
      it(`never takes the place of ${name}, for ${who}`, async () => {
        const { open, warnings } = connector(places);
        await assert.rejects(open(others), (error) => {
          assert.ok(hasCode(error, "API_UNAUTHORIZED"), String(error));
          assert.match(error.message.split("Tried: ")[1] ?? "", says ?? /^/);
          assert.match(error.message, /--run-program/);
          return true;
        });
        assert.deepEqual(sent(), expected);
        assert.deepEqual(warnings, []);
      });
    }
  }

  for (const { name, first, next, warns, ...places } of ambient) {
    it(`takes the place of ${name} for an import, with one warning that names both`, async () => {
      const { open, warnings } = connector(places);
      const clusters = await Promise.all([open("with a warning"), open("with a warning")]);
      assert.deepEqual(clusters[0].identity, { server: server.url, uid: "1f0c" });
      assert.deepEqual(sent(), [first, next]);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? "", warns);
    });

    it(`never takes the place of ${name} for a prune, not even after an import has gone on`, async () => {
      const { open, warnings } = connector(places);
      await open("with a warning");
      server.seen.length = 0;
      await assert.rejects(open(), (error) => {
        assert.ok(hasCode(error, "API_UNAUTHORIZED"), String(error));
        assert.match(
          error.message,
          /Not tried: context prod of .*; this work is never continued as somebody else\. /,
        );
        return true;
      });
      assert.deepEqual(sent(), [first]);
      assert.equal(warnings.length, 1);
    });
  }

  it("never prunes without an identity, whoever's credentials appear meanwhile", async () => {
    const files: Record<string, string> = {};
    toNobody = failure(403, "Forbidden", "system:anonymous may not");
    const connect = createConnector(machine({ OKD_HOST: server.url }, files));
    const { client } = await connect({ inputs: undefined, config: () => undefined }, options);
    toNobody = failure(401, "Unauthorized", "Unauthorized");
    files[homeConfig] = admin.replaceAll("$server", server.url);
    const images = { method: "GET", path: "/images", attempted: "list images", signal: never } as const;
    await assert.rejects(
      client.request(images),
      /Tried: no credentials\. Not tried: context prod of .*; this work is never continued as somebody else\./,
    );
    assert.deepEqual(sent(), ["nobody", "nobody"]);
  });

  it("is kept out of a client that imports and prunes share", async () => {
    const named = connector({ args: { host, token: "admin" } });
    assert.equal((await named.open()).client, (await named.open("with a warning")).client);
    const found = connector({ variables: { OKD_HOST: host, OKD_TOKEN: "admin" } });
    assert.notEqual((await found.open()).client, (await found.open("with a warning")).client);
  });

  it("impersonates the same user as the refused one", async () => {
    const impersonating = config({ token: "expired", as: "bob", "as-groups": ["dev"] });
    const places = { variables: { KUBECONFIG: "/k" }, files: { "/k": impersonating, [homeConfig]: admin } };
    await connector(places).open("with a warning");
    const laidOver = {
      args: { impersonate: { user: "carol" } },
      ...places,
      files: { "/k": expired, [homeConfig]: admin },
    };
    await connector(laidOver).open("with a warning");
    assert.deepEqual(
      server.seen.map(({ headers }) => [headers["impersonate-user"], headers["impersonate-group"]]),
      [
        ["bob", "dev"],
        ["bob", "dev"],
        ["carol", undefined],
        ["carol", undefined],
      ],
    );
  });

  it("is that of a pod after ~/.kube/config, for the same server only", () => {
    const pod = {
      [`${serviceAccount}/token`]: "sa",
      [`${serviceAccount}/ca.crt`]: "ca",
    };
    const variables = { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" };
    const origins = (address: string) => {
      const home = kubeconfig({ prod: { server: address } });
      const environment = machine(variables, { ...pod, [homeConfig]: home });
      const { otherIdentities } = resolveConnection(
        { inputs: undefined, config: () => undefined },
        environment,
      );
      return otherIdentities.sources().map(({ origin }) => origin);
    };
    assert.deepEqual(origins("https://10.0.0.1:443"), ["service account of this pod"]);
    assert.deepEqual(origins("https://10.0.0.2:443"), []);
  });

  it("does not take the place of an exec plugin that fails, and the refusal names why the plugin could not be asked again", async () => {
    const plugin = (script: string) => ({
      exec: {
        apiVersion: "client.authentication.k8s.io/v1",
        command: "/bin/sh",
        args: ["-c", script],
        interactiveMode: "Never",
      },
    });
    const failing = {
      variables: { KUBECONFIG: "/k" },
      files: { "/k": config(plugin("echo locked >&2; exit 1")), [homeConfig]: admin },
    };
    await assert.rejects(
      connector(failing).open("with a warning"),
      /exec plugin \/bin\/sh failed with exit status 1; .*CONNECTION_INVALID/s,
    );
    assert.deepEqual(sent(), []);

    const folder = `/tmp/okd-plugin-${process.pid}-${Date.now()}`;
    const once = plugin(
      `mkdir ${folder} || { echo session ended >&2; exit 1; }; echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"expired"}}'`,
    );
    await assert.rejects(
      connector({ args: { kubeconfig: config(once) }, ...adminEverywhere }).open(),
      /Tried: context prod of kubeconfig \(argument\) \(could not be read again: .*exit status 1.*\)\. Not tried: /s,
    );
    assert.deepEqual(sent(), ["expired"]);
  });
});
