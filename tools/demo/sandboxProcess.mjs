// The sandbox as a process of its own, as `npm run sandbox` starts it.
import { spawn } from "node:child_process";
import path from "node:path";

const START_LIMIT_MS = 20_000;

export async function startSandbox(root, kubeconfig) {
  const program = path.join(root, "sandbox", "dist", "main.js");
  const ports = ["port", "registry-port", "private-port", "integrated-port", "control-port"];
  const freePorts = ports.flatMap((name) => [`--${name}`, "0"]);
  const child = spawn(process.execPath, [program, ...freePorts, "--kubeconfig", kubeconfig], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { controlUrl, openRegistry } = await whenReady(child);
  const control = `${controlUrl}/sandbox/requests`;
  return {
    /** Forgets the requests so far. */
    forgetRequests: () => fetch(control, { method: "DELETE" }),
    /** What the servers were asked, as {method, path, status}; filter by server, method or path. */
    async requests(filter) {
      const response = await fetch(`${control}?${new URLSearchParams(filter)}`);
      return response.json();
    },
    /** Lets a tag in the registry that plays docker.io and quay.io name what another tag names. */
    moveTag: (repository, tag, otherTag) =>
      moveTag(`http://${openRegistry}/v2/${repository}/manifests`, tag, otherTag),
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

async function moveTag(manifests, tag, otherTag) {
  const accept =
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";
  const manifest = await fetch(`${manifests}/${otherTag}`, { headers: { accept } });
  const headers = { "content-type": manifest.headers.get("content-type") };
  const answer = await fetch(`${manifests}/${tag}`, { method: "PUT", headers, body: await manifest.text() });
  if (!answer.ok)
    throw new Error(`the tag ${tag} could not be moved: ${answer.status} ${await answer.text()}`);
}

/** Waits until the sandbox has told its addresses; the pipes are read on, so that it never blocks. */
function whenReady(child) {
  return new Promise((resolve, reject) => {
    let output = "";
    const fail = (reason) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new Error(`the sandbox ${reason}:\n\n${output}`));
    };
    const timer = setTimeout(() => fail("did not start in time"), START_LIMIT_MS);
    const read = (chunk) => {
      output += chunk;
      const openRegistry = /^ *open +(\S+) /m.exec(output)?.[1];
      const controlUrl = /^ *control +(http:\/\/[^/\s]+)\//m.exec(output)?.[1];
      if (openRegistry === undefined || controlUrl === undefined) return;
      clearTimeout(timer);
      resolve({ controlUrl, openRegistry });
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", read);
    child.once("exit", (code) => fail(`ended with ${code}`));
  });
}
