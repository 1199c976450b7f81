import assert from "node:assert/strict";
import { createDispatcher } from "../../../provider/http/dispatcher.js";
import { ask, type HttpAnswer, type HttpRequest } from "../../../provider/http/send.js";
import { ImageError } from "../../../provider/support/imageError.js";
import { endpoint, never } from "../../support/clients/cluster.js";
import { type Respond, startServer, type TestServer } from "../../support/servers/scripted.js";

const meaning = (text: string) => (cause: unknown) => new ImageError("API_ERROR", text, { cause });
const failures = {
  late: meaning("late"),
  unusable: meaning("unusable"),
  unreachable: meaning("unreachable"),
};

describe("ask", () => {
  let server: TestServer;
  afterEach(() => server.close());

  async function answerOf(respond: Respond, changes: Partial<HttpRequest> = {}): Promise<HttpAnswer> {
    server = await startServer(respond);
    const dispatcher = createDispatcher(endpoint(server.url), undefined);
    const request = { method: "GET", origin: server.url, path: "/x?a=b", signal: never, ...changes } as const;
    const options = { timeoutMs: 200, maxBytes: () => 100, attempted: "ask", failures };
    try {
      return await ask(dispatcher, request, options);
    } finally {
      await dispatcher.destroy();
    }
  }

  it("answers whatever the status is, and says who asks", async () => {
    const credentials = { Authorization: "Bearer t0ken", "Impersonate-Group": ["a", "b"] };
    const answer = await answerOf(() => ({ status: 404, headers: { "x-a": "b" }, body: "gone" }), {
      credentials,
      headers: { accept: "text/plain" },
    });
    assert.equal(answer.status, 404);
    assert.equal(answer.headers["x-a"], "b");
    assert.match(answer.text, /gone/);
    const [seen] = server.seen;
    assert.equal(seen?.url, "/x?a=b");
    assert.equal(seen.headers.authorization, "Bearer t0ken");
    assert.equal(seen.headers["impersonate-group"], "a, b");
    assert.equal(seen.headers.accept, "text/plain");
    assert.match(String(seen.headers["user-agent"]), /^pulumi-okd-images\/\d/);
  });

  it("tells an answer that is late, too long or lost apart", async () => {
    await assert.rejects(
      answerOf(() => ({ stall: true })),
      /late/,
    );
    await server.close();
    await assert.rejects(
      answerOf(() => ({ body: "x".repeat(101) })),
      /unusable/,
    );
    await server.close();
    await assert.rejects(
      answerOf(() => ({ cut: true })),
      /unreachable/,
    );
  });

  it("rejects with the reason of the caller's signal", async () => {
    const stop = new AbortController();
    const stopped = answerOf(
      () => {
        stop.abort(new ImageError("CANCELLED", "stopped by hand"));
        return { stall: true };
      },
      { signal: stop.signal },
    );
    await assert.rejects(stopped, /stopped by hand/);
  });
});
