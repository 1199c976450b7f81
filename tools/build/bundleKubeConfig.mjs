// Bundles KubeConfig of @kubernetes/client-node into one CommonJS file:
// the whole library takes 0.8 s to load and 65 MB to install, and we only need kubeconfig, exec and OIDC auth.
// Usage: node tools/build/bundleKubeConfig.mjs [--outDir dist]
import { readFile, writeFile, mkdir } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const root = path.resolve(import.meta.dirname, "../..");
const { values } = parseArgs({ options: { outDir: { type: "string", default: "dist" } } });
const outFolder = path.resolve(root, values.outDir, "provider/cluster/connection/kubeConfig");
const outFile = path.join(outFolder, "kubeConfigBundle.cjs");
const clientFolder = path.join(root, "node_modules/@kubernetes/client-node");

const entry = `
export { KubeConfig } from "@kubernetes/client-node/dist/config.js";
export { load as parseYaml } from "js-yaml";
`;

// Parts of config.js that build HTTP agents or API clients; our own transport takes their place. Reaching one is a bug.
const unused = `
const refuse = (name) => class { constructor() { throw new Error(name + " is not part of this bundle"); } };
export const Agent = refuse("Agent"), ProxyAgent = refuse("ProxyAgent"), SocksProxyAgent = refuse("SocksProxyAgent"),
  SocksClient = refuse("SocksClient"), HttpProxyAgent = refuse("HttpProxyAgent"), HttpsProxyAgent = refuse("HttpsProxyAgent"),
  ServerConfiguration = refuse("ServerConfiguration");
export const createConfiguration = () => new ServerConfiguration();
export const setHeaderMiddleware = createConfiguration;
`;

// Legacy cloud providers, removed from kubectl in 1.26; they would bring jsonpath-plus, which evaluates scripts.
const removedProvider = (name, className) => `
export class ${className} {
  isAuthProvider(user) { return user?.authProvider?.name === "${name}"; }
  async applyAuthentication() {
    throw new Error("the auth-provider ${name} was removed from kubectl in 1.26; use its exec plugin instead");
  }
}`;

const replacements = new Map([
  ["undici", unused],
  ["socks", unused],
  ["socks-proxy-agent", unused],
  ["hpagent", unused],
  ["./gen/index.js", unused],
  ["./middleware.js", unused],
  ["./azure_auth.js", removedProvider("azure", "AzureAuth")],
  ["./gcp_auth.js", removedProvider("gcp", "GoogleCloudPlatformAuth")],
]);

// Without this no OIDC token is ever renewed (facts/api-server.md 21); a new token is valid as long as it says itself.
const issuer = "user.authProvider.config['idp-issuer-url'], user.authProvider.config['client-id']";
const secret = "user.authProvider.config['client-secret'] || undefined";
const mendedIssuer = issuer.replace(/^[^,]+/, "new URL($&)");
const oidcMends = [
  [`oidc.discovery(${issuer}, undefined, `, `oidc.discovery(${mendedIssuer}, ${secret}, `],
  [`oidc.discovery(${issuer})`, `oidc.discovery(${mendedIssuer}, ${secret})`],
  ["req.write(options.body)", "req.write(String(options.body))"],
  [
    "resolve(response);",
    "resolve(new Response(body, { status: res.statusCode, headers: response.headers }));",
  ],
  ["this.currentTokenExpiration = newToken.expires_at", "this.currentTokenExpiration = 0"],
];

const mendOidc = {
  name: "mend-oidc",
  setup(plugin) {
    plugin.onLoad({ filter: /client-node[\\/]dist[\\/]oidc_auth\.js$/ }, async ({ path: file }) => {
      let contents = await readFile(file, "utf8");
      for (const [wrong, right] of oidcMends) {
        if (contents.split(wrong).length !== 2)
          throw new Error(`${file} has changed; is this still wrong? ${wrong}`);
        contents = contents.replace(wrong, () => right);
      }
      return { contents, loader: "js" };
    });
  },
};

const replaceUnusedParts = {
  name: "replace-unused-parts",
  setup(plugin) {
    plugin.onResolve({ filter: /.*/ }, ({ path: imported, importer }) => {
      const fromConfig = importer === path.join(clientFolder, "dist/config.js");
      return fromConfig && replacements.has(imported) ? { path: imported, namespace: "replaced" } : undefined;
    });
    plugin.onLoad({ filter: /.*/, namespace: "replaced" }, ({ path: imported }) => ({
      contents: replacements.get(imported),
      loader: "js",
    }));
  },
};

/** Folders of the packages whose files ended up in the bundle. */
function bundledPackages(metafile) {
  const folders = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const match = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input);
    if (match) folders.add(match[0]);
  }
  return [...folders].sort();
}

async function licenceText(folder) {
  const manifest = JSON.parse(await readFile(path.join(root, folder, "package.json"), "utf8"));
  const heading = `${manifest.name} ${manifest.version} (${manifest.license})`;
  for (const file of ["LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE"]) {
    const text = await readFile(path.join(root, folder, file), "utf8").catch(() => undefined);
    if (text !== undefined) return `${heading}\n\n${text.trim()}\n`;
  }
  return `${heading}\n\nThe package has no licence file of its own; see its repository: ${manifest.repository?.url ?? manifest.homepage}\n`;
}

await mkdir(outFolder, { recursive: true });
const { metafile } = await build({
  stdin: { contents: entry, resolveDir: root, sourcefile: "kubeConfigEntry.js" },
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node22",
  format: "cjs",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "inline",
  outfile: outFile,
  plugins: [replaceUnusedParts, mendOidc],
  metafile: true,
  logLevel: "warning",
});
const licences = await Promise.all(bundledPackages(metafile).map(licenceText));
await writeFile(
  path.join(outFolder, "kubeConfigBundle.LICENSES.txt"),
  licences.join(`\n${"-".repeat(80)}\n\n`),
);
