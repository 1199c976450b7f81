// The sandbox as a process of its own, as `npm run sandbox` starts it.
import { spawn } from "node:child_process";
import path from "node:path";

const START_LIMIT_MS = 20_000;

export async function startSandbox(root, kubeconfig) {
  const program = path.join(root, "dist", "sandbox", "main.js");
  const child = spawn(process.execPath, [program, "--port", "0", "--kubeconfig", kubeconfig], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const controlUrl = await readyLine(child);
  const control = `${controlUrl}/sandbox/requests`;
  return {
    /** Forgets the requests so far. */
    forgetRequests: () => fetch(control, { method: "DELETE" }),
    /** What the servers were asked, as {method, path, status}; filter by server, method or path. */
    async requests(filter) {
      const response = await fetch(`${control}?${new URLSearchParams(filter)}`);
      return response.json();
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 3000);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Waits until the sandbox says where it is controlled; the pipes are read on, so that it never blocks. */
function readyLine(child) {
  return new Promise((resolve, reject) => {
    let output = "";
    const fail = (reason) => {
      child.kill("SIGKILL");
      reject(new Error(`the sandbox ${reason}:\n\n${output}`));
    };
    const timer = setTimeout(() => fail("did not start in time"), START_LIMIT_MS);
    const read = (chunk) => {
      output += chunk;
      const url = /control\S*\s+(http:\/\/\S+)/i.exec(output)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", read);
    child.once("exit", (code) => {
      clearTimeout(timer);
      fail(`ended with ${code}`);
    });
  });
}
