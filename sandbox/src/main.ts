#!/usr/bin/env node
import { writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { defaultPorts, demoOptions, privateRegistryUser, seedDemoWorld } from "./demoWorld.js";
import type { Sandbox } from "./sandbox.js";
import { startSandbox } from "./start.js";

/** Absolute paths of what the sandbox has written. */
interface SandboxFiles {
  readonly kubeconfig: string;
  readonly registriesConf: string;
}

/** What the person who started the sandbox needs to know. */
function describeSandbox(sandbox: Sandbox, files: SandboxFiles): string {
  const images = "/apis/image.openshift.io/v1/namespaces/shop/imagestreams";
  const { username, password } = privateRegistryUser;
  return `OKD sandbox (in memory, loopback only)

  API       ${sandbox.url}   namespaces default, shop; users admin, alice (no rights)
  open      ${sandbox.registry("open").host}   plays docker.io and quay.io: docker.io/library/nginx:1.27 (3 platforms),
            docker.io/library/redis:7, quay.io/acme/web:v1, :v2, :edge, quay.io/acme/tool:2
  private   ${sandbox.registry("private").host}   TLS, ${username} / ${password}; plays registry.redhat.io: registry.redhat.io/ubi9/ubi:9.4
  integrated  ${sandbox.integratedRegistry.address}   TLS, token; shop/site with 8 builds, one of them running, and shop/api
  control   ${sandbox.controlUrl}/sandbox/requests, ${sandbox.controlUrl}/sandbox/faults

In another terminal, to use them in place of your cluster and of these registries:

  export KUBECONFIG="${files.kubeconfig}"
  export CONTAINERS_REGISTRIES_CONF="${files.registriesConf}"

  curl -k -H "Authorization: Bearer ${sandbox.adminToken}" ${sandbox.url}${images}

Ctrl-C stops it.
`;
}

const usage = `Usage: okd-image-sandbox [options]   (in its repository: npm run sandbox -- [options])

  --port <port>            OKD API over HTTPS (default ${defaultPorts.api})
  --registry-port <port>   open registry, HTTP and HTTPS (default ${defaultPorts.open})
  --private-port <port>    registry with TLS and a password (default ${defaultPorts.private})
  --integrated-port <port> the cluster's own registry, HTTPS (default ${defaultPorts.integrated})
  --control-port <port>    faults and request log (default ${defaultPorts.control})
  --kubeconfig <path>      where to write it (default .demo/kubeconfig), and registries.conf beside it
  --controller             import spec tags in the background, as a whole cluster does
  --no-throttle            import as fast as possible
  --quiet                  print nothing
  --help
`;

interface Settings {
  readonly ports: typeof defaultPorts;
  readonly kubeconfig: string;
  readonly controller: boolean;
  readonly throttle: boolean;
  readonly quiet: boolean;
}

/** Undefined when only help was asked for. */
function readSettings(args: readonly string[]): Settings | undefined {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      port: { type: "string" },
      "registry-port": { type: "string" },
      "private-port": { type: "string" },
      "integrated-port": { type: "string" },
      "control-port": { type: "string" },
      kubeconfig: { type: "string", default: ".demo/kubeconfig" },
      controller: { type: "boolean", default: false },
      throttle: { type: "boolean", default: true },
      quiet: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const { kubeconfig, controller, throttle, quiet } = values;
  const ports = {
    api: parsePort(values.port, defaultPorts.api),
    open: parsePort(values["registry-port"], defaultPorts.open),
    private: parsePort(values["private-port"], defaultPorts.private),
    integrated: parsePort(values["integrated-port"], defaultPorts.integrated),
    control: parsePort(values["control-port"], defaultPorts.control),
  };
  return { ports, kubeconfig, controller, throttle, quiet };
}

function parsePort(text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new Error(`${text} is not a port (0 to 65535)`);
  return port;
}

async function main(): Promise<void> {
  const settings = readSettings(process.argv.slice(2));
  if (settings === undefined) {
    process.stdout.write(usage);
    return;
  }
  const { ports, controller, throttle, kubeconfig, quiet } = settings;
  const sandbox = await startSandbox({ ...demoOptions(ports), controller, throttleImports: throttle });
  seedDemoWorld(sandbox);
  const files = {
    kubeconfig: resolve(kubeconfig),
    registriesConf: resolve(join(dirname(kubeconfig), "registries.conf")),
  };
  await sandbox.writeKubeconfig(files.kubeconfig, { namespace: "shop" });
  await writeFile(files.registriesConf, sandbox.registriesConf());
  const stop = (): void => {
    void sandbox.close().then(() => process.exit(0));
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  if (!quiet) process.stdout.write(describeSandbox(sandbox, files));
}

main().catch((error: unknown) => {
  process.stderr.write(
    `The sandbox did not start: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
});
