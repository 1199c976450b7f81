import assert from "node:assert/strict";
import { type CommandLine, run } from "../../../provider/commands/run.js";
import type { ImageStream } from "../../../provider/okd/imageStream.js";
import { ImageError } from "../../../provider/support/imageError.js";
import { runGenerated } from "../../support/builders/generatedProgram.js";
import { digest, imageStream, liveTag } from "../../support/builders/imageStream.js";

function stream(namespace: string, name: string): ImageStream {
  const web = imageStream([liveTag("v1", digest("a"))]);
  return { ...web, metadata: { ...web.metadata, namespace, name } };
}

const cluster = [stream("shop", "web"), stream("shop", "api"), stream("prod", "web")];

interface Ran {
  readonly code: number;
  readonly printed: string;
  readonly complaints: string;
  readonly written: Readonly<Record<string, string>>;
  readonly connection: object | undefined;
  readonly isClosed: boolean;
}

interface Options {
  readonly defaultNamespace?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly failure?: Error;
}

async function generate(words: readonly string[], options: Options = {}): Promise<Ran> {
  const written: Record<string, string> = {};
  let [printed, complaints, isClosed] = ["", "", false];
  let connection: object | undefined;
  const openReader: CommandLine["openReader"] = (given) => {
    connection = given;
    if (options.failure !== undefined) return Promise.reject(options.failure);
    return Promise.resolve({
      server: "https://api:6443",
      defaultNamespace: options.defaultNamespace,
      list: (namespace) =>
        Promise.resolve(
          cluster.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
        ),
      get: (namespace, name) => {
        const found = cluster.find(
          ({ metadata }) => metadata.namespace === namespace && metadata.name === name,
        );
        return found === undefined
          ? Promise.reject(new ImageError("STREAM_NOT_FOUND", `${namespace}/${name}: there is none`))
          : Promise.resolve(found);
      },
      close: () => {
        isClosed = true;
        return Promise.resolve();
      },
    });
  };
  const code = await run(words, {
    environment: options.environment ?? {},
    openReader,
    print: (text) => {
      printed += text;
      return Promise.resolve();
    },
    writeNewFile: (path, text) => {
      written[path] = text;
      return Promise.resolve();
    },
    complain: (text) => (complaints += `${text}\n`),
  });
  return { code, printed, complaints, written, connection, isClosed };
}

describe("The command generate", () => {
  const selections: readonly (readonly [
    words: readonly string[],
    options: Options,
    names: readonly string[],
  ])[] = [
    [["-n", "shop"], {}, ["api", "web"]],
    [["web", "-n", "shop"], {}, ["web"]],
    [["web", "web", "api", "--namespace=shop"], {}, ["api", "web"]],
    [[], { defaultNamespace: "prod" }, ["web"]],
    [["-n", "shop"], { defaultNamespace: "prod" }, ["api", "web"]],
    [["--all-namespaces"], {}, ["prod/web", "shop/api", "shop/web"]],
  ];
  for (const [words, options, names] of selections) {
    it(`prints streams in order, once each: generate ${words.join(" ")}`, async () => {
      const { code, printed, complaints, isClosed } = await generate(["generate", ...words], options);

      assert.deepEqual(
        runGenerated(printed).map(({ name }) => name),
        names,
      );
      assert.deepEqual([code, complaints, isClosed], [0, "", true]);
      assert.match(printed, /^\/\/ Image streams of https:\/\/api:6443 as they are/);
    });
  }

  it("connects the program as it was told to connect itself", async () => {
    const { printed, connection } = await generate([
      ...["generate", "web", "-n", "shop"],
      ...["--context", "stage", "--kubeconfig", "~/other"],
    ]);

    assert.deepEqual(connection, { kubeconfig: "~/other", context: "stage" });
    assert.deepEqual(runGenerated(printed)[0]?.args["connection"], connection);
  });

  it("writes a file in place of printing, and says what is in it", async () => {
    const { code, printed, complaints, written } = await generate([
      "generate",
      "-n",
      "shop",
      "--out",
      "index.ts",
    ]);

    assert.equal(runGenerated(written["index.ts"] ?? "").length, 2);
    assert.deepEqual([code, printed], [0, ""]);
    assert.equal(complaints, "index.ts: 2 image streams in namespace shop on https://api:6443\n");
  });

  it("says that there are none, and prints a program without any", async () => {
    const { code, printed, complaints } = await generate(["generate", "-n", "empty"]);

    assert.deepEqual([code, runGenerated(printed)], [0, []]);
    assert.equal(complaints, "There are no image streams in namespace empty on https://api:6443.\n");
  });

  const mistakes: readonly (readonly [words: readonly string[], message: RegExp])[] = [
    [["prune"], /^prune: is no command; there is generate$/m],
    [["generate", "--nonsense"], /^Unknown option '--nonsense'/],
    [["generate", "--context"], /'--context <value>' argument missing/],
    [["generate", "-n", ""], /^--namespace: must not be empty$/m],
    [["generate", "-A", "-n", "shop"], /^--all-namespaces: does not go with --namespace/],
    [["generate", "-A", "web"], /^--all-namespaces: takes no names of streams/],
    [["generate"], /^--namespace: is needed, because the connection names none/],
  ];
  for (const [words, message] of mistakes) {
    it(`ends with 2 and says what to write: ${words.join(" ")}`, async () => {
      const { code, printed, complaints } = await generate(words);

      assert.deepEqual([code, printed], [2, ""]);
      assert.match(complaints, message);
      assert.match(complaints, /generate --help says what there is\n$/);
    });
  }

  for (const words of [["--help"], ["help"], ["generate", "--help"], ["generate", "-h", "web"]]) {
    it(`explains itself and asks no cluster: ${words.join(" ")}`, async () => {
      const { code, printed, connection } = await generate(words);

      assert.deepEqual([code, connection], [0, undefined]);
      for (const option of [
        "--namespace",
        "--all-namespaces",
        "--context",
        "--kubeconfig",
        "--with-pushed",
        "--out",
      ])
        assert.ok(printed.includes(option), option);
    });
  }

  it("ends with 2 and explains itself when it is called without a word", async () => {
    const { code, printed } = await generate([]);

    assert.equal(code, 2);
    assert.match(printed, /^Usage: npx pulumi-okd-images generate/);
  });

  it("ends with 1 and the code of the error for a stream that is not there, and closes its connections", async () => {
    const { code, printed, complaints, isClosed } = await generate(["generate", "nope", "-n", "shop"]);

    assert.deepEqual([code, printed, isClosed], [1, "", true]);
    assert.equal(complaints, "error: shop/nope: there is none [STREAM_NOT_FOUND]\n");
  });

  it("shows no secret in what it complains about", async () => {
    const failure = new ImageError("API_UNREACHABLE", "sha256~hush was refused");
    const { complaints } = await generate(["generate", "-n", "shop"], {
      failure,
      environment: { OKD_TOKEN: "sha256~hush" },
    });

    assert.match(complaints, /\[API_UNREACHABLE\]/);
    assert.doesNotMatch(complaints, /hush/);
  });
});
