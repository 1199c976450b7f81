import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates } from "node:tls";
import { readPem, trustedBeside } from "../../../provider/http/tls.js";
import { machine } from "../../support/fakes/machine.js";
import { type Authority, createAuthority } from "../../support/servers/certificates.js";

const countOf = (pems: string, pem: string) => pems.split(pem.trim()).length - 1;

describe("TLS", () => {
  let authority: Authority;
  before(async () => {
    authority = await createAuthority();
  });

  describe("reads a PEM text", () => {
    const readAt = (given: string, files: Readonly<Record<string, string>> = {}) =>
      readPem(given, "certificates", machine({}, files));

    it("that is given itself, in base64, by its path, or by a path in the home folder", () => {
      const found = { ok: true, pem: authority.cert };
      assert.deepEqual(readAt(authority.cert), found);
      assert.deepEqual(readAt(Buffer.from(authority.cert).toString("base64")), found);
      assert.deepEqual(readAt("/etc/ca.pem", { "/etc/ca.pem": authority.cert }), found);
      assert.deepEqual(readAt("~/ca.pem", { "/home/ann/ca.pem": authority.cert }), found);
      const key = readPem("~/key.pem", "private key", machine({}, { "/home/ann/key.pem": authority.key }));
      assert.deepEqual(key, { ok: true, pem: authority.key });
    });

    it("and says why there is none", () => {
      const reasonOf = (given: string, text?: string) => {
        const verdict = readAt(given, text === undefined ? {} : { "/ca.pem": text });
        return verdict.ok ? "" : verdict.reason;
      };
      assert.equal(reasonOf("/ca.pem"), "/ca.pem cannot be read: there is no such file");
      assert.equal(reasonOf("/ca.pem", "(folder)"), "/ca.pem cannot be read: it is a folder");
      assert.match(reasonOf("/ca.pem", "nothing"), /^holds no certificate/);
      const bare = authority.key.replaceAll(/-----.*-----|\n/g, "");
      assert.match(
        reasonOf(bare),
        /^what is given \(\d+ characters, .*\) cannot be read: it is no path, and a key/,
      );
    });
  });

  describe("trusts beside the CAs that are given", () => {
    it("Node's default and the system's store, each certificate once", () => {
      const trusted = trustedBeside([authority.cert, authority.cert]) ?? "";
      assert.equal(countOf(trusted, authority.cert), 1);
      for (const pem of [...getCACertificates("default"), ...getCACertificates("system")]) {
        assert.equal(countOf(trusted, pem), 1);
      }
    });

    it("those of NODE_EXTRA_CA_CERTS", () => {
      const folder = mkdtempSync(join(tmpdir(), "extra-ca-"));
      try {
        const file = join(folder, "ca.pem");
        writeFileSync(file, authority.cert);
        const tls = JSON.stringify(require.resolve("../../../provider/http/tls.js"));
        const script = `process.stdout.write(require(${tls}).trustedBeside(["own"]))`;
        const env = { ...process.env, NODE_EXTRA_CA_CERTS: file };
        const trusted = execFileSync(process.execPath, ["-e", script], { env, encoding: "utf8" });
        assert.equal(countOf(trusted, authority.cert), 1);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it("nothing where none is given: Node's default counts then", () => {
      assert.equal(trustedBeside([]), undefined);
    });
  });
});
