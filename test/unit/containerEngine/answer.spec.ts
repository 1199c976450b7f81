import assert from "node:assert/strict";
import { answerError, engineMessage, saysNoSuchImage } from "../../../provider/containerEngine/answer.js";

/** Answers of dockerd 20.10 and podman 4.3 (recorded), and of later ones (facts/engines.md 8). */
const answers = {
  dockerInspect: { status: 404, text: '{"message":"no such image: nope:v1: No such image: nope:v1"}' },
  dockerGet: { status: 404, text: '{"message":"reference does not exist"}' },
  dockerPath: { status: 404, text: '{"message":"page not found"}' },
  dockerName: {
    status: 500,
    text: '{"message":"invalid reference format: repository name must be lowercase"}',
  },
  dockerPlatform: {
    status: 404,
    text: '{"message":"image with reference web was found but does not provide the specified platform (linux/arm64)"}',
  },
  dockerContent: { status: 404, text: `{"message":"content digest sha256:${"b".repeat(64)}: not found"}` },
  dockerExport: {
    status: 500,
    text: '{"message":"no suitable export target found for platform linux/arm64"}',
  },
  dockerPlatforms: { status: 404, text: '{"message":"no manifest found for platform: not found"}' },
  dockerSeveral: {
    status: 400,
    text: '{"message":"multiple platforms not supported for this image store; use a multi-platform image store such as containerd-snapshotter"}',
  },
  tooNew: {
    status: 400,
    text: '{"message":"client version 1.55 is too new. Maximum supported API version is 1.41"}',
  },
  tooOld: {
    status: 400,
    text: "client version 1.41 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version",
  },
  podmanInspect: {
    status: 404,
    text: '{"cause":"failed to find image nope:v1: No such image","message":"failed to find image nope:v1: docker.io/library/nope:v1: No such image","response":404}',
  },
  podmanList: {
    status: 500,
    text: '{"cause":"image not known","message":"docker.io/library/nope: image not known","response":500}',
  },
  podmanPath: { status: 404, text: "Not Found" },
  tls: { status: 400, text: "Client sent an HTTP request to an HTTPS server.\n" },
  proxy: { status: 502, text: "" },
} as const;

const missing: readonly string[] = ["dockerInspect", "dockerGet", "podmanInspect", "podmanList"];

describe("saysNoSuchImage", () => {
  for (const [name, answer] of Object.entries(answers)) {
    it(`${name}: ${missing.includes(name) ? "yes" : "no"}`, () => {
      assert.equal(saysNoSuchImage(answer), missing.includes(name));
    });
  }
});

describe("answerError", () => {
  for (const [name, code, words] of [
    [
      "dockerGet",
      "IMAGE_NOT_FOUND",
      /has no such image \(reference does not exist\); pull or build it first/,
    ],
    ["podmanList", "IMAGE_NOT_FOUND", /image not known/],
    ["dockerPlatform", "IMAGE_NOT_FOUND", /docker pull --platform/],
    ["dockerContent", "IMAGE_NOT_FOUND", /does not have it all/],
    ["dockerExport", "IMAGE_NOT_FOUND", /for that platform/],
    ["dockerPlatforms", "IMAGE_NOT_FOUND", /for that platform/],
    ["dockerSeveral", "ENGINE_UNSUPPORTED", /exports one platform at a time/],
    ["dockerPath", "ENGINE_ERROR", /answered HTTP 404: page not found/],
    ["podmanPath", "ENGINE_ERROR", /answered HTTP 404: Not Found/],
    ["dockerName", "ENGINE_ERROR", /must be lowercase/],
    ["proxy", "ENGINE_ERROR", /answered HTTP 502: HTTP 502/],
    ["tooNew", "ENGINE_UNSUPPORTED", /ask for an older one in engine\.apiVersion/],
    ["tooOld", "ENGINE_UNSUPPORTED", /this package is too old/],
    ["tls", "ENGINE_UNREACHABLE", /wants TLS; give engine\.caCert/],
  ] as const) {
    it(`${name} is ${code}`, () => {
      const error = answerError(answers[name], "export web", "unix:///d.sock");
      assert.equal(error.code, code);
      assert.match(error.message, /^Cannot export web: unix:\/\/\/d\.sock /);
      assert.match(error.message, words);
    });
  }

  it("quotes nothing that would move the cursor of a terminal", () => {
    const text = JSON.stringify({ message: " one\r\n\u001b[31mtwo\u202e " });
    assert.equal(engineMessage({ status: 500, text }), "one [31mtwo⟨U+202E⟩");
  });

  for (const text of [
    "content digest ",
    "content digest x",
    "no manifest found for ",
    "client version ",
    "\\",
    '{"',
    " ",
  ]) {
    it(`is read in time in proportion to its length: ${JSON.stringify(text)} again and again`, () => {
      const answer = { status: 404, text: text.repeat(200_000) };
      assert.ok(answerError(answer, "export web", "docker").message.length < 1_000);
      assert.equal(saysNoSuchImage({ status: 404, text: JSON.stringify({ message: answer.text }) }), false);
    });
  }

  it("quotes only the beginning of a long text", () => {
    assert.equal(engineMessage({ status: 500, text: "x".repeat(10_000) }).length, 400);
  });
});
