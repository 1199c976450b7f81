import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { processMachine } from "../../../../provider/http/machine.js";
import { parseChallenges } from "../../../../provider/registry/auth/challenge.js";
import { credentialHelpers } from "../../../../provider/registry/auth/credentialHelper.js";
import { findCredential } from "../../../../provider/registry/auth/credentials.js";
import type { ImageRegistrySettings } from "../../../../provider/registry/settings/hosts.js";
import { emptyFolder, folderWith, options } from "../../../support/servers/pullRegistry.js";

const auth = (user: string, password = "pw-" + user) => ({
  auth: Buffer.from(`${user}:${password}`).toString("base64"),
});

interface Machine {
  readonly home?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly registries?: ImageRegistrySettings["registries"];
}

async function search(
  { home = emptyFolder(), variables = {}, registries = {} }: Machine,
  name = "quay.io/acme/web",
) {
  const secrets: string[] = [];
  const slash = name.indexOf("/");
  const found = await findCredential(
    {
      registries,
      machine: {
        ...processMachine,
        variable: (key) => variables[key],
        homeFolder: home,
        systemFolder: emptyFolder(),
      },
      onSecret: (secret) => secrets.push(secret),
    },
    credentialHelpers(2_000, variables.PATH),
    { host: name.slice(0, slash), repository: name.slice(slash + 1) },
    options.signal,
  );
  return { ...found, secrets };
}

async function userOf(machine: Machine, name?: string): Promise<string | undefined> {
  const { credential } = await search(machine, name);
  return credential === undefined || credential.kind === "bearer" ? credential?.kind : credential.username;
}

describe("credentials for registries", () => {
  it("come from the settings first, then from files in the order of podman and docker", async () => {
    const file = (user: string) => ({ auths: { "quay.io": auth(user) } });
    const folder = folderWith({
      "explicit.json": file("explicit"),
      "run/containers/auth.json": file("runtime"),
      ".config/containers/auth.json": file("config"),
      "docker/config.json": file("dockerConfig"),
      ".docker/config.json": file("docker"),
    });
    const all = {
      REGISTRY_AUTH_FILE: join(folder, "explicit.json"),
      XDG_RUNTIME_DIR: join(folder, "run"),
      DOCKER_CONFIG: join(folder, "docker"),
    };
    const { REGISTRY_AUTH_FILE: _, ...withoutFile } = all;
    const registries = { "quay.io": { username: "settings", password: "pw" } };
    assert.equal(await userOf({ home: folder, variables: all, registries }), "settings");
    assert.equal(await userOf({ home: folder, variables: all }), "explicit");
    assert.equal(await userOf({ home: folder, variables: withoutFile }), "runtime");
    assert.equal(await userOf({ home: folder }), "config");
    const elsewhere = { DOCKER_CONFIG: all.DOCKER_CONFIG };
    assert.equal(await userOf({ home: folderWith({}), variables: elsewhere }), "dockerConfig");
    assert.equal(await userOf({ home: folderWith({ ".docker/config.json": file("docker") }) }), "docker");
  });

  it("come from the next file where one knows nothing, and name the files that were read", async () => {
    const home = folderWith({
      ".config/containers/auth.json": "{ not json",
      ".docker/config.json": { auths: { "quay.io": {}, "other.io": auth("other") } },
    });
    const { credential, lookedIn } = await search({ home });
    assert.equal(credential, undefined);
    assert.deepEqual(lookedIn, [
      'registries["quay.io"]',
      `${home}/.config/containers/auth.json (is not valid JSON)`,
      `${home}/.docker/config.json (nothing for it)`,
    ]);
  });

  it("are those of the longest path", async () => {
    const auths = {
      "quay.io": auth("host"),
      "quay.io/acme": auth("team"),
      "quay.io/acme/web": auth("repository"),
      "quay.io/acme/we": auth("nobody"),
    };
    const home = folderWith({ ".config/containers/auth.json": { auths } });
    assert.equal(await userOf({ home }, "quay.io/acme/web"), "repository");
    assert.equal(await userOf({ home }, "quay.io/acme/web2"), "team");
    assert.equal(await userOf({ home }, "quay.io/acme/web/sub"), "repository");
    assert.equal(await userOf({ home }, "quay.io/other/web"), "host");
    assert.equal(await userOf({ home }, "quay.io:443/acme/web"), undefined);
  });

  for (const key of [
    "https://index.docker.io/v1/",
    "docker.io",
    "index.docker.io",
    "https://registry-1.docker.io",
  ]) {
    it(`know Docker Hub as ${key}`, async () => {
      const home = folderWith({ ".docker/config.json": { auths: { [key]: auth("hub") } } });
      assert.equal(await userOf({ home }, "docker.io/library/nginx"), "hub");
    });
  }

  it("may have a colon in the password, be an identity token, or a token for the registry", async () => {
    const home = folderWith({
      ".docker/config.json": {
        auths: {
          "a.io": auth("ann", "x:y"),
          "b.io": { ...auth("0000", ""), identitytoken: "refresh" },
          "c.io": { registrytoken: "bearer-me" },
          "d.io": { username: "dora", password: "pw" },
        },
      },
    });
    const basic = await search({ home }, "a.io/x");
    assert.deepEqual(basic.credential, { kind: "basic", username: "ann", password: "x:y" });
    assert.deepEqual(basic.secrets, ["x:y"]);
    const identity = await search({ home }, "b.io/x");
    assert.deepEqual(identity.credential, { kind: "identityToken", username: "0000", token: "refresh" });
    assert.deepEqual(identity.secrets, ["refresh"]);
    const bearer = await search({ home }, "c.io/x");
    assert.ok(bearer.credential?.kind === "bearer");
    assert.equal(await bearer.credential.tokens.token(options.signal), "bearer-me");
    assert.equal(await userOf({ home }, "d.io/x"), "dora");
  });
});

describe("credential helpers", () => {
  /** A folder with `docker-credential-<name>`. */
  const program = (name: string, script: string) => {
    const folder = folderWith({ [`docker-credential-${name}`]: `#!/bin/sh\n${script}\n` });
    chmodSync(join(folder, `docker-credential-${name}`), 0o755);
    return folder;
  };
  const machine = (config: object, path: string): Machine => ({
    home: folderWith({ ".docker/config.json": config }),
    variables: { PATH: `${path}:${process.env.PATH ?? ""}` },
  });
  const answer = (user: string) => `cat > "$0.asked"; echo '{"Username":"${user}","Secret":"helper-pw"}'`;

  it("are asked for the host of their entry before anything else in the file counts", async () => {
    const path = program("mine", answer("helped"));
    const config = {
      credHelpers: { "quay.io": "mine" },
      credsStore: "store",
      auths: { "quay.io": auth("plain") },
    };
    const found = await search(machine(config, path));
    assert.deepEqual(found.credential, { kind: "basic", username: "helped", password: "helper-pw" });
    assert.deepEqual(found.secrets, ["helper-pw"]);
    assert.equal(readFileSync(join(path, "docker-credential-mine.asked"), "utf8"), "quay.io");
  });

  it("keep Docker Hub's login under its old address", async () => {
    const path = program("store", answer("hub"));
    await search(machine({ credsStore: "store" }, path), "docker.io/library/nginx");
    assert.equal(
      readFileSync(join(path, "docker-credential-store.asked"), "utf8"),
      "https://index.docker.io/v1/",
    );
  });

  for (const server of ["quay.io", "https://quay.io", "https://QUAY.io/v2/", ""]) {
    it(`may call the server ${JSON.stringify(server)} that they were asked about`, async () => {
      const script = `echo '{"ServerURL":"${server}","Username":"u","Secret":"helper-pw"}'`;
      const { credential } = await search(machine({ credsStore: "store" }, program("store", script)));
      assert.deepEqual(credential, { kind: "basic", username: "u", password: "helper-pw" });
    });
  }

  it("hand out identity tokens as the user <token>", async () => {
    const path = program("store", answer("<token>"));
    const { credential } = await search(machine({ credsStore: "store" }, path));
    assert.deepEqual(credential, { kind: "identityToken", username: "<token>", token: "helper-pw" });
  });

  const failures: readonly (readonly [string, string, string, RegExp])[] = [
    [
      "know nothing",
      "store",
      "echo 'credentials not found in native keychain'; exit 1",
      /\(nothing for it\)$/,
    ],
    [
      "fail",
      "store",
      "echo secret-in-error; exit 3",
      /\(docker-credential-store failed \(exit status 3\)\)$/,
    ],
    ["print something else", "store", "echo hello", /answered something that is not JSON/],
    [
      "answer for another server",
      "store",
      `echo '{"ServerURL":"https://quay.io.example.com","Username":"u","Secret":"secret-in-error"}'`,
      /docker-credential-store answered for another server/,
    ],
    ["hang", "store", "exec sleep 60", /did not answer within 2 s/],
    ["are not there", "other", "exit 0", /docker-credential-store is not on PATH/],
  ];
  for (const [what, name, script, note] of failures) {
    it(`are passed over, and noted, when they ${what}`, async () => {
      const { credential, lookedIn } = await search(machine({ credsStore: "store" }, program(name, script)));
      assert.equal(credential, undefined);
      assert.match(lookedIn.at(-1)!, note);
      assert.equal(lookedIn.join().includes("secret-in-error"), false);
    });
  }

  it("are asked once for each server, and again after a failure", async () => {
    const folder = program("store", `echo x >> "$0.count"; ${answer("ann")}`);
    const ask = credentialHelpers(2_000, `${folder}:${process.env.PATH ?? ""}`);
    for (const server of ["a.io", "a.io", "b.io"]) await ask("store", server, options.signal);
    assert.equal(readFileSync(join(folder, "docker-credential-store.count"), "utf8"), "x\nx\n");
    assert.equal((await ask("absent", "a.io", options.signal)).kind, "failed");
    writeFileSync(join(folder, "docker-credential-absent"), "#!/bin/sh\ncat > /dev/null; echo '{}'\n", {
      mode: 0o755,
    });
    assert.equal((await ask("absent", "a.io", options.signal)).kind, "none");
  });

  it("leave it to the file's own entry when they know nothing", async () => {
    const path = program("store", "echo 'credentials not found in native keychain'; exit 1");
    assert.equal(
      await userOf(machine({ credsStore: "store", auths: { "quay.io": auth("plain") } }, path)),
      "plain",
    );
  });

  it("are refused when their names are paths or shell text", async () => {
    for (const name of ["../evil", "a;touch /tmp/x", "a b"]) {
      const { lookedIn } = await search(machine({ credsStore: name }, emptyFolder()));
      assert.match(lookedIn.at(-1)!, /has a name that no program has/);
    }
  });
});

describe("parseChallenges", () => {
  const rows: readonly (readonly [string | string[], unknown])[] = [
    ['Basic realm="a, b=c"', [{ scheme: "basic", parameters: { realm: "a, b=c" } }]],
    ["Negotiate", [{ scheme: "negotiate", parameters: {} }]],
    [
      'Bearer realm="https://auth.docker.io/token",service=registry.docker.io,scope="repository:a/b:pull,push"',
      [
        {
          scheme: "bearer",
          parameters: {
            realm: "https://auth.docker.io/token",
            service: "registry.docker.io",
            scope: "repository:a/b:pull,push",
          },
        },
      ],
    ],
    [
      'bearer Realm = "x\\"y" , Basic realm="z"',
      [
        { scheme: "bearer", parameters: { realm: 'x"y' } },
        { scheme: "basic", parameters: { realm: "z" } },
      ],
    ],
    [
      ["Negotiate", 'Basic realm="z"'],
      [
        { scheme: "negotiate", parameters: {} },
        { scheme: "basic", parameters: { realm: "z" } },
      ],
    ],
    ['="x"', []],
  ];
  for (const [header, expected] of rows) {
    it(JSON.stringify(header), () => assert.deepEqual(parseChallenges(header), expected));
  }

  for (const [prefix, pump] of [
    ["Basic", " "],
    ["Basic", ", "],
    ["Basic ", "a"],
    ["Basic ", "a="],
    ["Basic ", "a=b "],
    ["Basic a", "  "],
    ['Basic a="', "\\"],
    ['Basic a="', '\\" '],
    ["", "a,"],
  ] as const) {
    it(`read in time in proportion to their length: ${prefix}, and ${JSON.stringify(pump)} again and again`, () => {
      const challenges = parseChallenges(`${prefix}${pump.repeat(400_000 / pump.length)}\u0001`);
      assert.ok(challenges.every(({ scheme }) => scheme !== ""));
    });
  }
});
