import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { HookedResource } from "../../support/programs/hookMessages.js";
import { checksInProcess } from "../../support/programs/hookProcess.js";

/** Characters of a secret that give it away. */
const telling = 12;
const password = `pw-${randomBytes(12).toString("hex")}`;
const token = `sha256~${randomBytes(32).toString("base64url")}`;
const kubeconfig = `apiVersion: v1
kind: Config
clusters:
- name: prod
  cluster: { server: "https://api.example.com:6443" }
users:
- name: ann
  user: { token: ${token} }
contexts:
- name: prod
  context: { cluster: prod, user: ann }
`;
const base64 = (text: string) => Buffer.from(text).toString("base64");
const wrapped = (text: string) => text.replaceAll(/.{64}/g, "$&\n");

function keyForms(key: KeyObject): readonly (readonly [string, string])[] {
  const pem = key.export({ type: "pkcs8", format: "pem" });
  const bare = key.export({ type: "pkcs8", format: "der" }).toString("base64");
  return [
    ["PEM", pem.toString()],
    ["PEM without its last line", pem.toString().replace(/-----END.*\n/, "")],
    ["PEM in base64", base64(pem.toString())],
    ["no armour", bare],
    ["no armour, in lines", wrapped(bare)],
  ];
}

const keys = [
  ["RSA", generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey],
  ["EC", generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey],
  ["Ed25519", generateKeyPairSync("ed25519").privateKey],
] as const;
const keyTexts = keys.flatMap(([kind, key]) =>
  keyForms(key).map(([form, text]) => [`${kind} key, ${form}`, text] as const),
);
const kubeconfigTexts = [
  ["kubeconfig in base64", base64(kubeconfig)],
  ["kubeconfig in base64, in lines", wrapped(base64(kubeconfig))],
  ["kubeconfig in base64url", Buffer.from(kubeconfig).toString("base64url")],
  ["kubeconfig of another kind", kubeconfig.replace("clusters:", "clutters:").replace("contexts:", "x:")],
  ["kubeconfig that is cut", kubeconfig.slice(0, -40)],
  ["kubeconfig on one line", JSON.stringify({ users: [{ user: { token } }] })],
  ["token", token],
  ["token of a web service", `${base64('{"alg":"RS256","kid":"a"}')}.${base64(token)}.${base64(password)}`],
] as const;

type Bag = Readonly<Record<string, unknown>>;
interface Case {
  readonly name: string;
  readonly hook: HookedResource;
  readonly news: Bag;
  readonly secret: string;
}

const urn = (type: string) => `urn:pulumi:dev::shop::pulumi-nodejs:dynamic/okd:${type}::web`;
const stream = (connection: Bag) => ({
  __urn: urn("ImportedImageStream"),
  namespace: "shop",
  source: "quay.io/acme/web:v1",
  connection,
});
const policy = (connection: Bag) => ({ __urn: urn("ImagePrunePolicy"), connection });
const archive = (args: Bag) => ({
  __urn: urn("ImageArchive"),
  path: "out/web.tar",
  images: [{ engine: "local/app:dev" }],
  ...args,
});
const ofRegistry = (settings: Bag) =>
  archive({ images: ["127.0.0.1:1/acme/web:v1"], registries: { "127.0.0.1:1": settings } });

function casesOf(name: string, secret: string): readonly Case[] {
  const host = "https://127.0.0.1:1";
  const engine = { host: "tcp://127.0.0.1:1" };
  const clusterCases = [
    ["kubeconfig", { kubeconfig: secret }],
    ["clientKey", { host, clientCert: "client.crt", clientKey: secret }],
    ["clientCert", { host, clientCert: secret, clientKey: "client.key" }],
    ["caCert", { host, token: "t", caCert: secret }],
    ["host", { host: secret, token: "t" }],
    ["context", { kubeconfig: { clusters: [], users: [{ user: { token } }] } }],
    ["proxyUrl", { host, token: "t", proxyUrl: `http:///robot:${encodeURIComponent(secret)}@` }],
    [
      "proxyHeaders",
      { host, token: "t", proxyHeaders: { proxyBasicAuth: `${secret}\n`, basicAuth: secret } },
    ],
    ["username", { host, username: "a:b", password: secret }],
    ["token", { host, token: `Bearer ${secret}` }],
  ] as const;
  return [
    ...clusterCases.flatMap(([field, connection]) => [
      {
        name: `${name} as connection.${field}`,
        hook: "importedImageStream" as const,
        news: stream(connection),
        secret,
      },
      {
        name: `${name} as connection.${field} of a policy`,
        hook: "imagePrunePolicy" as const,
        news: policy(connection),
        secret,
      },
    ]),
    ...(
      [
        ["engine.clientKey", archive({ engine: { ...engine, clientCert: "client.crt", clientKey: secret } })],
        [
          "engine.clientCert",
          archive({ engine: { ...engine, clientCert: secret, clientKey: "client.key" } }),
        ],
        ["engine.caCert", archive({ engine: { ...engine, caCert: secret } })],
        [
          "engine.host",
          archive({ engine: { host: `tcp://ann:${encodeURIComponent(secret)}@127.0.0.1:99999` } }),
        ],
        ["registries.clientKey", ofRegistry({ clientCert: "client.crt", clientKey: secret })],
        ["registries.caCert", ofRegistry({ caCert: secret })],
        ["registries.password", ofRegistry({ username: "ann", password: secret, token: "t" })],
        ["registries.token", ofRegistry({ username: 1, token: secret })],
      ] as const
    ).map(([field, news]) => ({ name: `${name} as ${field}`, hook: "imageArchive" as const, news, secret })),
  ];
}

/** What of a secret, or of what it decodes to, shows in a text. */
function shownPart(secret: string, text: string): string | undefined {
  const shown = text.replaceAll(/\\n|\s/g, "");
  const forms = [secret, Buffer.from(secret, "base64").toString("utf8"), base64(secret), token, password]
    .map((form) => form.replaceAll(/-----[A-Z ]*-----/g, "").replaceAll(/\s/g, ""))
    .filter((form) => !form.includes("\ufffd"));
  // The address in the kubeconfig, and its words, are no secrets.
  const harmless = kubeconfig.replace(token, " ").replaceAll(/\s/g, "");
  for (const form of forms) {
    for (let at = 0; at + telling <= form.length; at += 1) {
      const part = form.slice(at, at + telling);
      if (!harmless.includes(part) && shown.includes(part)) return part;
    }
  }
  return undefined;
}

describe("A secret that stands where it does not belong", () => {
  const misplaced = [...keyTexts, ...kubeconfigTexts].flatMap(([name, secret]) => casesOf(name, secret));
  // What is as short as a path is shown where a path may stand.
  const inItsPlace = casesOf("password", password).filter(({ name }) =>
    /\.(?:password|token|username|proxyUrl|proxyHeaders|context)\b/.test(name),
  );
  const cases = [...misplaced, ...inItsPlace];

  it("is in no message", async function () {
    this.timeout(180_000); // some two hundred checks, each in its turn
    const deadline = { timeouts: { check: "5s" } };
    const results = await checksInProcess(
      cases.map(({ hook, news }) => [hook, { ...deadline, ...news }]),
      { environment: { HOME: "/nonexistent" } },
    );
    const leaks = cases.flatMap(({ name, secret }, index) => {
      const text = JSON.stringify(results[index]?.failures ?? "nothing failed");
      const part = shownPart(secret, text);
      return part === undefined ? [] : [`${name}: ${part} in ${text}`];
    });
    assert.deepEqual(leaks, []);
    assert.ok(results.filter(({ failures = [] }) => failures.length > 0).length > cases.length * 0.9);
  });

  for (const [name, form, secret] of [
    ["OKD_CLIENT_KEY", "RSA key, PEM in base64"],
    ["K8S_AUTH_KEY_FILE", "EC key, no armour, in lines"],
    ["OKD_KUBECONFIG", "kubeconfig in base64"],
    ["KUBECONFIG", "kubeconfig in base64, in lines"],
    ["okd:clientKey", "Ed25519 key, no armour"],
    ["okd:kubeconfig", "kubeconfig in base64url"],
  ].map(
    ([name = "", form = ""]) =>
      [name, form, new Map<string, string>([...keyTexts, ...kubeconfigTexts]).get(form) ?? ""] as const,
  )) {
    it(`is redacted like any other secret: ${form} in ${name}`, async () => {
      const place = name.startsWith("okd:") ? "config" : "environment";
      const decoded = [secret.replaceAll("\n", ""), ...(form.startsWith("kubeconfig") ? [token] : [])];
      const [result] = await checksInProcess(
        [["importedImageStream", { ...stream({}), namespace: `no namespace ${decoded.join(" ")}` }]],
        { environment: { HOME: "/nonexistent" }, [place]: { [name]: secret } },
      );
      const text = JSON.stringify(result?.failures);
      assert.match(text, /no namespace \[secret\]/);
      assert.equal(shownPart(secret, text), undefined, text);
    });
  }

  it("is in no message when a server repeats it and the message is cut within it", async () => {
    const server = createServer(({ headers }, response) => {
      const said = `${headers.authorization ?? ""} `.repeat(3);
      response.writeHead(403, { "content-type": "text/plain" }).end("x".repeat(270) + said);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const [result] = await checksInProcess([["importedImageStream", stream({ host, token })]], {
        environment: { HOME: "/nonexistent" },
      });
      const text = JSON.stringify(result?.failures);
      assert.match(text, /HTTP 403/);
      assert.equal(shownPart(token, text), undefined, text);
    } finally {
      server.close();
    }
  });
});
