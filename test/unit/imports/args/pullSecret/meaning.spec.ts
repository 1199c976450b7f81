import assert from "node:assert/strict";
import { usableKeys } from "../../../../../provider/imports/args/pullSecret/dockerConfig.js";
import { pullSecretIssues } from "../../../../../provider/imports/args/pullSecret/meaning.js";

const login = { username: "robot", password: "hunter2" };
const json = (auths: unknown, more: object = {}) => JSON.stringify({ auths, ...more });

interface Row {
  readonly title: string;
  readonly args: object;
  /** Path and the beginning of the message; absent: valid. */
  readonly issue?: readonly [string, RegExp];
}

const rows: readonly Row[] = [
  { title: "nothing", args: {} },
  { title: "a login", args: { pullSecret: { auths: { "quay.io": login } } } },
  { title: "a path and a port", args: { pullSecret: { auths: { "r.acme.com:5000/team/web": login } } } },
  { title: "a wildcard", args: { pullSecret: { auths: { "*.acme.com": login } } } },
  {
    title: "Docker Hub as docker login names it",
    args: { pullSecret: { auths: { "https://index.docker.io/v1/": login } } },
  },
  { title: "port 80", args: { pullSecret: { auths: { "r.acme.com:80": login } } } },
  { title: "a configuration", args: { pullSecret: { dockerConfigJson: json({ "quay.io": login }) } } },
  {
    title: "a configuration with auth alone",
    args: { pullSecret: { dockerConfigJson: json({ "quay.io": { auth: "cm9ib3Q6eA==" } }) } },
  },
  { title: "a copy", args: { namespace: "shop", pullSecretFrom: { namespace: "build", name: "quay" } } },
  {
    title: "a copy under another name",
    args: { namespace: "shop", pullSecretFrom: { namespace: "shop", name: "quay", as: "mine" } },
  },
  { title: "shapes that the schema reports", args: { pullSecret: "x", pullSecretFrom: undefined } },
  {
    title: "both",
    args: { pullSecret: {}, pullSecretFrom: {} },
    issue: ["pullSecretFrom", /^cannot be given beside/],
  },
  { title: "neither form", args: { pullSecret: { name: "a" } }, issue: ["pullSecret", /^needs auths/] },
  {
    title: "both forms",
    args: { pullSecret: { auths: {}, dockerConfigJson: "" } },
    issue: ["pullSecret.dockerConfigJson", /^cannot be given beside auths/],
  },
  { title: "no login", args: { pullSecret: { auths: {} } }, issue: ["pullSecret.auths", /^has no entry/] },
  ...[
    "quay.io/acme/web:v1",
    "quay.io/acme@sha256:0",
    "robot@quay.io",
    "",
    "quay io",
    "/acme",
    "oci://quay.io",
  ].map((key) => ({
    title: `the key ${JSON.stringify(key)}`,
    args: { pullSecret: { auths: { [key]: login } } },
    issue: [`pullSecret.auths.${key}`, /^is no key of a pull secret/] as const,
  })),
  {
    title: "an empty password",
    args: { pullSecret: { auths: { "quay.io": { ...login, password: "" } } } },
    issue: ["pullSecret.auths.quay.io.password", /^must not be empty/],
  },
  {
    title: "a user name with a colon",
    args: { pullSecret: { auths: { "quay.io": { ...login, username: "a:b" } } } },
    issue: ["pullSecret.auths.quay.io.username", /^must not be empty and have no ":"/],
  },
  {
    title: "no JSON",
    args: { pullSecret: { dockerConfigJson: '{"auths": hunter2' } },
    issue: ["pullSecret.dockerConfigJson", /^is not a docker configuration/],
  },
  {
    title: "the older form",
    args: { pullSecret: { dockerConfigJson: JSON.stringify({ "quay.io": login }) } },
    issue: ["pullSecret.dockerConfigJson", /^is not a docker configuration/],
  },
  {
    title: "a credential store",
    args: { pullSecret: { dockerConfigJson: json({ "quay.io": {} }, { credsStore: "osxkeychain" }) } },
    issue: ["pullSecret.dockerConfigJson", /^holds no login: docker keeps its logins elsewhere/],
  },
  {
    title: "identity tokens",
    args: { pullSecret: { dockerConfigJson: json({ "quay.io": { identitytoken: "hunter2" } }) } },
    issue: ["pullSecret.dockerConfigJson", /^holds no login: no entry of auths has a user name/],
  },
  {
    title: "a copy onto itself",
    args: { namespace: "shop", pullSecretFrom: { namespace: "shop", name: "quay" } },
    issue: ["pullSecretFrom", /^names a secret of the stream's own namespace/],
  },
];

describe("Arguments about a pull secret", () => {
  for (const { title, args, issue } of rows) {
    it(`${title}: ${issue === undefined ? "may be declared" : "is refused in words that hold no value"}`, () => {
      const issues = pullSecretIssues(args);
      assert.deepEqual(
        issues.map(({ path }) => path.join(".")),
        issue === undefined ? [] : [issue[0]],
      );
      if (issue !== undefined) assert.match(issues[0]?.message ?? "", issue[1]);
      assert.doesNotMatch(issues.map(({ message }) => message).join("\n"), /hunter2/);
    });
  }

  it("an entry with an empty password is no login", () => {
    const auths = {
      a: { auth: "cm9ib3Q6" },
      b: { username: "x", password: "" },
      c: { auth: "cm9ib3Q6eA==" },
    };
    assert.deepEqual(usableKeys({ auths }), ["c"]);
  });
});
