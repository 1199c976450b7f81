// Pulumi's CLI on the project in the repository's root, with a home, a backend and a stack of its own.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { rename } from "node:fs/promises";
import path from "node:path";

const stack = `demo-${process.pid}`;
const project = "okd-images-quickstart";

export class PulumiCli {
  #root;
  #configFile;
  #environment;
  #interruption;

  /** `interruption` is an AbortSignal that stops what runs. */
  constructor(root, folder, interruption) {
    this.#root = root;
    this.#interruption = interruption;
    this.#configFile = path.join(folder, "stack.yaml");
    this.#environment = {
      ...withoutPulumi(process.env),
      PULUMI_HOME: path.join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${path.join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "demo",
      PULUMI_SKIP_UPDATE_CHECK: "1",
    };
    mkdirSync(path.join(folder, "state"));
  }

  get executable() {
    return spawnSync("sh", ["-c", "command -v pulumi"], { encoding: "utf8" }).stdout.trim();
  }

  async version() {
    return (await this.#pulumi(["version"])).output.trim().replace(/^v/, "");
  }

  async createStack(config) {
    await this.#pulumi(["stack", "init", stack, "--no-select"]);
    // The CLI puts the stack's file beside Pulumi.yaml, where it would be in the way.
    await rename(path.join(this.#root, `Pulumi.${stack}.yaml`), this.#configFile);
    await this.configure(config);
  }

  async configure(config) {
    for (const [key, value] of Object.entries(config)) {
      await this.#pulumi(["config", "set", `${project}:${key}`, value, ...this.#onStack()]);
    }
  }

  /** An operation on the stack: preview, up, destroy. */
  run(operation, ...options) {
    return this.#pulumi([operation, ...options, ...this.#onStack(), "--suppress-progress"]);
  }

  async outputs() {
    const { output } = await this.#pulumi(["stack", "output", "--json", "--stack", stack]);
    return JSON.parse(output);
  }

  #onStack() {
    return ["--stack", stack, "--config-file", this.#configFile];
  }

  /** Resolves to what was printed; rejects with all of it when the exit code is not 0. */
  #pulumi(args) {
    return new Promise((resolve, reject) => {
      const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], {
        cwd: this.#root,
        env: this.#environment,
        stdio: ["ignore", "pipe", "pipe"],
        signal: this.#interruption,
        killSignal: "SIGINT",
      });
      let output = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text) => (output += text));
      }
      child.once("error", (error) => error.name === "AbortError" || reject(error));
      child.once("close", (code, signal) => {
        if (code === 0) resolve({ output });
        else reject(new Error(`pulumi ${args.join(" ")} ended with ${signal ?? code}:\n\n${output}`));
      });
    });
  }
}

/** What the user has set for their own stacks must not reach the demo's. */
function withoutPulumi(environment) {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("PULUMI_")));
}
