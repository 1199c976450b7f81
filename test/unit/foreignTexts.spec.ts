import assert from "node:assert/strict";
import { toApiError } from "../../provider/cluster/api/error.js";
import { selectContext } from "../../provider/cluster/connection/kubeConfig/selectContext.js";
import { explainStreamFailure } from "../../provider/cluster/images/streamErrors.js";
import { readList } from "../../provider/cluster/lists/answer.js";
import { answerError } from "../../provider/containerEngine/answer.js";
import { engineUnreachable } from "../../provider/containerEngine/failures.js";
import { SshError } from "../../provider/containerEngine/ssh/socket.js";
import { describeImportFailure, readRow } from "../../provider/imports/failure/explain.js";
import { describeAnswer } from "../../provider/registry/client/answer.js";
import { TarFormatError } from "../../provider/tarball/tar/header.js";
import { desiredTag } from "../support/builders/imageStream.js";
import { kubeconfig } from "../support/fakes/machine.js";

const evil =
  "web\nError: your cluster was deleted [API_ERROR]\r\u001b[2J\u009b1A\u0007\u202egnp.exe\u2028 <script>";
const key = { namespace: "shop", name: "web" };

function statusError(httpStatus: number, message: string) {
  const text = JSON.stringify({ kind: "Status", status: "Failure", reason: "x", message });
  return toApiError({ httpStatus, contentType: "application/json", text }, "read image stream shop/web");
}

function thrownBy(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it was expected to fail");
}

/** By who chose the text. */
const messages: Readonly<Record<string, () => string>> = {
  "an API server's Status": () => statusError(500, evil).message,
  "an API server's Status about registries": () => {
    const said = `registry "${evil}" not allowed by whitelist: "${evil}"`;
    return (explainStreamFailure(statusError(422, said), key, "write it") as Error).message;
  },
  "an API server's Status about rights": () => {
    const said = `User "${evil}" cannot get resource "imagestreams" in API group`;
    return (explainStreamFailure(statusError(403, said), key, "write it") as Error).message;
  },
  "an API server's page": () =>
    toApiError({ httpStatus: 502, contentType: "text/plain", text: evil }, "list pods").message,
  "a proxy's title": () =>
    toApiError({ httpStatus: 502, contentType: "text/html", text: `<title>${evil}</title>` }, "list pods")
      .message,
  "the kind of a list": () => thrownBy(() => readList({ kind: `${evil}List` }, "list pods")),
  "the fields of a list": () => thrownBy(() => readList({ [evil]: 1 }, "list pods")),
  "an import": () => {
    const row = readRow({ status: { status: "Failure", reason: "InternalError", message: evil } });
    assert.ok(row.kind === "failed");
    const context = { namespace: "shop", keys: undefined };
    return describeImportFailure(desiredTag("v1"), row.failure, context);
  },
  "a registry's error": () =>
    describeAnswer({
      status: 500,
      headers: {},
      text: JSON.stringify({ errors: [{ code: evil, message: evil }] }),
    }),
  "a registry's page": () => describeAnswer({ status: 500, headers: {}, text: evil }),
  "an engine": () =>
    answerError({ status: 500, text: JSON.stringify({ message: evil }) }, "export web", "docker").message,
  ssh: () => {
    const route = {
      kind: "ssh",
      host: "h",
      user: undefined,
      port: undefined,
      socketPath: undefined,
    } as const;
    const address = { host: "ssh://h", origin: "engine.host", route, apiVersion: undefined };
    return engineUnreachable(new SshError(evil), address, "export web").message;
  },
  "a tarball": () => new TarFormatError(`${evil} is not what its digest says`).message,
  "a kubeconfig's context": () =>
    thrownBy(() =>
      selectContext(
        () => [{ content: kubeconfig({ [evil]: {} }), origin: "file" }],
        { context: `other ${evil}`, cluster: undefined, origin: "argument" },
        { readFile: () => "" },
      ),
    ),
};

describe("In a message, a text that was chosen by", () => {
  for (const [who, message] of Object.entries(messages)) {
    it(`${who} stays on one line, and no terminal obeys it`, () => {
      const text = message();
      assert.match(text, /web/);
      assert.doesNotMatch(text, /[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/);
    });
  }

  it("anybody is cut where the text is very long", () => {
    const long = "x".repeat(100_000);
    for (const text of [
      statusError(500, long).message,
      describeAnswer({ status: 500, headers: {}, text: long }),
      new TarFormatError(long).message,
    ]) {
      assert.ok(text.length < 5_000);
      assert.match(text, /…/);
    }
  });
});
