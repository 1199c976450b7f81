import { type ArgumentRows, codeOf, row } from "../../support/documented/argumentRow.js";
import { type ArchiveScene, password, username } from "../../support/worlds/arguments/archive.js";

/** Arguments about how engines are reached. */
export function engineRows(scene: () => ArchiveScene): ArgumentRows {
  const secured = (more: object) => ({
    host: scene().securedEngine.host,
    caCert: scene().sandbox.certificateAuthority,
    ...clientOf(scene()),
    ...more,
  });
  const up = (engine: object) => scene().up({ images: [{ engine: "local/app:v1" }], engine });
  const without = (...keys: readonly string[]) =>
    Object.fromEntries(Object.entries(secured({})).filter(([key]) => !keys.includes(key)));
  /** The engine's settings of the row, and what came of it. */
  const code =
    (base: () => object) =>
    async ({ engine = {} }: { readonly engine?: object }) =>
      codeOf(await up({ ...base(), ...engine }));
  const given = (make: () => object) => () => ({ engine: make() });
  const asked = async ({ engine = {} }: { readonly engine?: object }) => {
    const before = scene().otherEngine.requests.length;
    await up(engine);
    return scene().otherEngine.requests.length > before;
  };
  return {
    engine: row(
      given(() => ({ host: scene().otherEngine.host })),
      false,
      true,
      asked,
    ),
    "engine.host": row(
      given(() => ({ host: scene().otherEngine.host })),
      false,
      true,
      asked,
    ),
    "engine.context": row(
      given(() => ({ context: "other" })),
      false,
      true,
      asked,
    ),
    "engine.caCert": row(
      given(() => ({ caCert: scene().sandbox.certificateAuthority })),
      "ENGINE_UNREACHABLE",
      "ok",
      code(() => without("caCert")),
    ),
    "engine.clientCert": row(
      given(() => clientOf(scene())),
      "ENGINE_UNREACHABLE",
      "ok",
      code(() => without("clientCert", "clientKey")),
    ),
    "engine.clientKey": row(
      given(() => ({ clientKey: clientOf(scene()).clientKey })),
      "ENGINE_INVALID",
      "ok",
      code(() => without("clientKey")),
    ),
    "engine.skipTlsVerify": row(
      { engine: { skipTlsVerify: true } },
      "ENGINE_UNREACHABLE",
      "ok",
      code(() => without("caCert")),
    ),
    "engine.tlsHostname": row(
      { engine: { tlsHostname: "other.example" } },
      "ok",
      "ENGINE_UNREACHABLE",
      code(() => secured({})),
    ),
    "engine.apiVersion": row(
      { engine: { apiVersion: "1.45" } },
      false,
      true,
      async ({ engine = {} }: { readonly engine?: object }) => {
        await up({ host: scene().otherEngine.host, ...engine });
        return scene().otherEngine.requests.some((request) => request.includes("/v1.45/"));
      },
    ),
    "engine.timeoutSeconds": row(
      { engine: { timeoutSeconds: 0.2 } },
      "ok",
      "ENGINE_UNREACHABLE",
      async ({ engine = {} }: { readonly engine?: object }) => {
        scene().otherEngine.faults.add({ on: "inspect", kind: "delay", milliseconds: 900 });
        return codeOf(await up({ host: scene().otherEngine.host, ...engine }));
      },
    ),
  };
}

function clientOf(scene: ArchiveScene): { readonly clientCert: string; readonly clientKey: string } {
  return { clientCert: scene.client.certificate, clientKey: scene.client.key };
}

/** Arguments about how registries are reached. */
export function registryRows(scene: () => ArchiveScene): ArgumentRows {
  type Given = { readonly registries?: Readonly<Record<string, object>> };
  const code =
    (host: () => string, base: () => object = () => ({})) =>
    async ({ registries = {} }: Given) => {
      const settings = { ...base(), ...registries[host()] };
      const images = [`${host()}/acme/web:v1`];
      return codeOf(await scene().up({ images, registries: { [host()]: settings } }));
    };
  const given = (host: () => string, make: () => object | Promise<object>) => async () => ({
    registries: { [host()]: await make() },
  });
  const closed = () => scene().host("closed");
  const secured = () => scene().host("secured");
  const strict = () => scene().strictRegistry.host;
  const client = async () => {
    const { cert, key } = await scene().strictAuthority.issue(username, [username]);
    return { clientCert: cert, clientKey: key };
  };
  const nobody = () => "127.0.0.1:9";
  const strictCa = () => ({ caCert: scene().strictAuthority.cert });
  return {
    registries: row(
      given(closed, () => ({ username, password })),
      "REGISTRY_UNAUTHORIZED",
      "ok",
      code(closed),
    ),
    "registries.*.username": row(
      given(closed, () => ({ username })),
      /required beside password/,
      "ok",
      code(closed, () => ({ password })),
    ),
    "registries.*.password": row(
      given(closed, () => ({ password })),
      /required beside username/,
      "ok",
      code(closed, () => ({ username })),
    ),
    "registries.*.token": row(
      given(closed, async () => ({ token: await scene().token() })),
      "REGISTRY_UNAUTHORIZED",
      "ok",
      code(closed),
    ),
    "registries.*.caCert": row(
      given(secured, () => ({ caCert: scene().sandbox.certificateAuthority })),
      "REGISTRY_TLS",
      "ok",
      code(secured),
    ),
    "registries.*.clientCert": row(
      given(strict, client),
      "REGISTRY_UNAUTHORIZED",
      "ok",
      code(strict, strictCa),
    ),
    "registries.*.clientKey": row(
      given(strict, client),
      "REGISTRY_UNAUTHORIZED",
      "ok",
      code(strict, strictCa),
    ),
    "registries.*.insecure": row(
      given(secured, () => ({ insecure: true })),
      "REGISTRY_TLS",
      "ok",
      code(secured),
    ),
    "registries.*.mirrors": row(
      given(nobody, () => ({ mirrors: [scene().host()] })),
      "REGISTRY_UNREACHABLE",
      "ok",
      code(nobody),
    ),
  };
}

/** Arguments about how the cluster's own registry is reached. */
export function integratedRows(scene: () => ArchiveScene): ArgumentRows {
  const code =
    (base: () => object = () => ({})) =>
    async ({ integratedRegistry = {} }: { readonly integratedRegistry?: object }) => {
      const settings = { ...base(), ...integratedRegistry };
      const given = Object.keys(settings).length === 0 ? {} : { integratedRegistry: settings };
      return codeOf(await scene().up({ images: [{ stream: "shop/app:v1" }], ...given }));
    };
  const given = (make: () => object) => () => ({ integratedRegistry: make() });
  const other = () => ({ caCert: scene().strictAuthority.cert });
  const nowhere = given(() => ({ url: "https://127.0.0.1:9" }));
  const wrong = "sha256~wrong";
  return {
    integratedRegistry: row(nowhere, "ok", "REGISTRY_UNREACHABLE", code()),
    "integratedRegistry.url": row(nowhere, "ok", "REGISTRY_UNREACHABLE", code()),
    "integratedRegistry.caCert": row(given(other), "ok", "REGISTRY_TLS", code()),
    "integratedRegistry.skipTlsVerify": row(
      given(() => ({ skipTlsVerify: true })),
      "REGISTRY_TLS",
      "ok",
      code(other),
    ),
    "integratedRegistry.token": row(
      given(() => ({ token: wrong })),
      "ok",
      "REGISTRY_UNAUTHORIZED",
      code(),
    ),
    "integratedRegistry.username": row(
      given(() => ({ username: "x" })),
      /required beside password/,
      "REGISTRY_UNAUTHORIZED",
      code(() => ({ password: wrong })),
    ),
    "integratedRegistry.password": row(
      given(() => ({ password: scene().sandbox.adminToken })),
      /required beside username/,
      "ok",
      code(() => ({ username: "x" })),
    ),
  };
}
